//! The section on pictures.

use std::time::Duration;

use super::Check;
use crate::config::file::OcrFile;
use crate::config::settings::OcrSettings;

impl Check<'_> {
    pub(super) fn ocr(&mut self, file: &OcrFile) -> OcrSettings {
        let languages = file.languages.get_ref();
        // As files of language data are named: `eng`, `chi_sim`, `script/Latin`.
        let fits = |word: &str| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '/'))
        };
        if !languages.split('+').all(fits) {
            self.problem(
                &file.languages.span(),
                format!("`{languages}` names no languages"),
                "Write them as Tesseract does, joined by +, for example eng+cym.",
            );
        }
        if !file.program.get_ref().is_absolute() {
            self.problem(
                &file.program.span(),
                "`program` is not a full path",
                "Write where it lies, for example /usr/bin/tesseract.",
            );
        }
        OcrSettings {
            enabled: file.enabled,
            program: file.program.get_ref().clone(),
            languages: languages.clone(),
            data: file.data.as_ref().map(|data| self.path(data)),
            at_once: match file.at_once {
                0 => (std::thread::available_parallelism().map_or(2, usize::from) / 2).max(1),
                n => n,
            },
            message: Duration::from_secs(file.message_seconds.max(1)),
            picture: Duration::from_secs(file.picture_seconds.max(1)),
            memory: file.memory_mib.max(256) << 20,
            pixels: file.megapixels.clamp(1, 500) * 1_000_000,
            cache: file.cache_mib << 20,
        }
    }
}
