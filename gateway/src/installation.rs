//! What `serve` and the command line both stand on: the configuration, the open store,
//! the keys, the schools.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::audit::Actor;
use crate::clock::Clock;
use crate::config::Settings;
use crate::keys::{KeyError, Purpose, Vault};
use crate::notices::Notices;
use crate::review::Desk;
use crate::schools::{SchoolError, Schools};
use crate::spool::{Fresh, Spool, SpoolError, UNASSIGNED};
use crate::store::{Store, StoreError, schools};

/// Why an installation cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot make the data folder {path}: {source}. Check that this user may write it")]
    Folder {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    School(#[from] SchoolError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
}

/// An open installation; cheap to clone.
#[derive(Clone)]
pub struct Installation {
    pub settings: Arc<Settings>,
    pub store: Store,
    pub vault: Arc<Vault>,
    pub spool: Spool,
    pub schools: Arc<Schools>,
    pub notices: Notices,
    pub clock: Clock,
}

impl Installation {
    /// Opens the data folder, making it, the store and the keys where they are missing.
    /// What the spool accepts goes to the receiver.
    ///
    /// # Errors
    /// Folder, store, keys, packs or rosters cannot be used; the text says what to do.
    pub async fn open(
        settings: Settings,
        clock: Clock,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Fresh>), OpenError> {
        let settings = Arc::new(settings);
        let content = settings.data_dir.join("content");
        for folder in [&settings.data_dir, &content] {
            make_folder(folder)?;
        }
        let store = Store::open(&settings.data_dir)?;
        let unassigned = settings
            .data_dir
            .join("keys")
            .join(format!("{UNASSIGNED}.key"));
        let list = settings
            .schools
            .iter()
            .map(|s| (s.id.as_str(), s.controller.as_str(), s.master_key.as_path()))
            .chain([(UNASSIGNED, "", unassigned.as_path())]);
        let vault = Arc::new(Vault::open(&store, list, clock.now()).await?);
        let schools = Arc::new(Schools::default());
        schools.load(&settings, &store, &vault, clock.now()).await?;
        let (fresh, arrived) = mpsc::unbounded_channel();
        let spool = Spool::new(
            store.clone(),
            Arc::clone(&vault),
            content,
            clock.clone(),
            settings.limits.free_space,
            fresh,
        );
        let notices = Notices::new(&settings, Arc::clone(&vault));
        let installation = Self {
            settings,
            store,
            vault,
            spool,
            schools,
            notices,
            clock,
        };
        Ok((installation, arrived))
    }

    /// The desk at which cases are answered.
    pub fn desk(&self) -> Desk {
        Desk {
            store: self.store.clone(),
            vault: Arc::clone(&self.vault),
            spool: self.spool.clone(),
            clock: self.clock.clone(),
            notices: self.notices.clone(),
        }
    }
}

fn make_folder(path: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| OpenError::Folder {
            path: path.to_owned(),
            source,
        })
}

impl Installation {
    /// Writes who holds which role, so that every later feature asks the store.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep_roles(&self) -> Result<(), OpenError> {
        for school in &self.settings.schools {
            let Some(row) = self.vault.school(&school.id) else {
                continue;
            };
            let keys = self.vault.of(row)?;
            let mut people = Vec::new();
            for (role, person, controller_wide) in [
                ("headteacher", &school.headteacher, false),
                ("dsl", &school.dsl, false),
                ("dpo", &school.dpo, true),
                ("technician", &school.technician, false),
            ] {
                people.push((
                    role.to_owned(),
                    keys.index("address", person),
                    keys.seal(Purpose::Long, "roles.person", person.as_bytes())?,
                    controller_wide,
                ));
            }
            self.store
                .write(move |tx| schools::set_roles(tx, row, &people))
                .await?;
        }
        Ok(())
    }
}

/// Who acts at the command line: the person behind `sudo`, where there is one.
pub fn at_the_command_line(named: Option<&str>) -> Actor {
    let user = || {
        ["SUDO_USER", "USER", "LOGNAME"]
            .iter()
            .find_map(|name| std::env::var(name).ok())
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "unknown".into())
    };
    Actor {
        name: named.map_or_else(user, str::to_owned),
        role: "command line".into(),
    }
}
