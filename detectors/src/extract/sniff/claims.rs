//! Names that lie about what is inside.

/// What a name claims, when the content is something else: a document that calls itself a
/// picture, an archive that calls itself a document. `noun` is what the content is.
pub(in super::super) fn misleading(name: &str, noun: &str) -> Option<String> {
    // A Macintosh puts its attributes beside a file under the same name.
    if name.rsplit('/').next().is_some_and(|n| n.starts_with("._")) {
        return None;
    }
    let extension = super::extension(name);
    let claim = CLAIMS
        .iter()
        .find(|c| c.extensions.contains(&extension.as_str()))?;
    let fits = matches!(noun, "empty file" | "unknown bytes")
        || claim.nouns.iter().any(|fitting| noun.ends_with(fitting));
    (!fits).then(|| format!("named as {}, is {noun}", claim.what))
}

struct Claim {
    what: &'static str,
    extensions: &'static [&'static str],
    /// Ends of the nouns that such a name may have.
    nouns: &'static [&'static str],
}

/// Programs write tables and letters as web pages, XML or plain text under the names of
/// Office files, and open them; so these do not lie.
const CLAIMS: &[Claim] = &[
    Claim {
        what: "picture",
        extensions: &[
            "png", "jpg", "jpeg", "jpe", "gif", "bmp", "tif", "tiff", "webp", "heic", "heif",
            "ico", "avif", "wmf", "emf", "psd",
        ],
        nouns: &["picture"],
    },
    Claim {
        what: "drawing",
        extensions: &["svg", "svgz"],
        nouns: &["picture", "XML file", "web page", "plain text", "gzip file"],
    },
    Claim {
        what: "sound or film",
        extensions: &[
            "mp3", "wav", "m4a", "ogg", "aac", "wma", "flac", "mp4", "mov", "avi", "mkv", "webm",
            "m4v", "wmv", "mpg", "mpeg", "3gp",
        ],
        nouns: &["sound", "film"],
    },
    Claim {
        what: "text",
        extensions: &[
            "txt", "text", "log", "md", "csv", "tsv", "tab", "ics", "vcs", "vcf", "json", "xml",
            "ini", "yml", "yaml",
        ],
        nouns: &[
            "plain text",
            "values",
            "web page",
            "XML file",
            "JSON file",
            "e-mail message",
            "mailbox file",
            "OpenPGP message",
            "digital signature",
            "calendar",
            "visiting card",
            "BinHex file",
            "PostScript document",
        ],
    },
    Claim {
        what: "web page",
        extensions: &["html", "htm", "xhtml"],
        nouns: &[
            "web page",
            "plain text",
            "XML file",
            "values",
            "e-mail message",
        ],
    },
    Claim {
        what: "PDF",
        extensions: &["pdf"],
        nouns: &["PDF document"],
    },
    Claim {
        what: "Word document",
        extensions: &["docx", "docm", "dotx", "dotm", "doc", "dot"],
        nouns: &[
            "Word document",
            "Word 97-2003 document",
            "locked Office document",
            "rights-managed document",
            "Rich Text document",
            "web page",
            "XML file",
            "plain text",
            "WordPerfect document",
            "Works document",
            "Write document",
            "e-mail message",
            "XML document package",
        ],
    },
    Claim {
        what: "Excel workbook",
        extensions: &["xlsx", "xlsm", "xltx", "xltm", "xlsb", "xls", "xlt", "xlam"],
        nouns: &[
            "Excel workbook",
            "Excel 97-2003 workbook",
            "locked Office document",
            "rights-managed document",
            "web page",
            "XML file",
            "plain text",
            "values",
            "Works document",
            "XML document package",
            "spreadsheet",
        ],
    },
    Claim {
        what: "PowerPoint presentation",
        extensions: &[
            "pptx", "pptm", "potx", "potm", "ppsx", "ppsm", "ppt", "pps", "pot",
        ],
        nouns: &[
            "PowerPoint presentation",
            "PowerPoint 97-2003 presentation",
            "locked Office document",
            "rights-managed document",
            "XML document package",
        ],
    },
    Claim {
        what: "OpenDocument file",
        extensions: &[
            "odt", "ott", "ods", "ots", "odp", "otp", "odg", "odf", "fodt", "fods", "fodp",
        ],
        nouns: &["OpenDocument file", "XML file"],
    },
    Claim {
        what: "Rich Text document",
        extensions: &["rtf"],
        nouns: &[
            "Rich Text document",
            "Word document",
            "Word 97-2003 document",
            "plain text",
        ],
    },
    Claim {
        what: "archive",
        extensions: &[
            "zip", "7z", "rar", "tar", "gz", "tgz", "bz2", "tbz2", "xz", "txz", "zst", "cab",
        ],
        nouns: &[
            "archive",
            "gzip file",
            "bzip2 file",
            "xz file",
            "Zstandard file",
            "cabinet",
            "document package",
            "OpenDocument file",
            "Word document",
            "Excel workbook",
            "PowerPoint presentation",
        ],
    },
    Claim {
        what: "e-mail message",
        extensions: &["eml", "msg", "emlx", "mht", "mhtml"],
        nouns: &["message", "mailbox file", "web page", "plain text"],
    },
    Claim {
        what: "OneNote notebook",
        extensions: &["one"],
        nouns: &["OneNote notebook"],
    },
    Claim {
        what: "Access database",
        extensions: &["mdb", "accdb"],
        nouns: &["Access database", "database"],
    },
    Claim {
        what: "Publisher document",
        extensions: &["pub"],
        nouns: &["Publisher document"],
    },
    Claim {
        what: "Visio drawing",
        extensions: &["vsd", "vsdx"],
        nouns: &["Visio drawing"],
    },
    Claim {
        what: "Microsoft Project plan",
        extensions: &["mpp"],
        nouns: &["Microsoft Project plan"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_called_picture_misleads_and_a_picture_does_not() {
        for (name, noun, lies) in [
            ("photo.jpg", "zip archive", true),
            ("photo.jpg", "PNG picture", false),
            ("marks.xlsx", "Excel workbook", false),
            ("marks.xlsx", "zip archive", true),
            ("marks.xls", "web page", false),
            ("marks.xyz", "zip archive", false),
            ("notes.txt", "Word document", true),
            ("notes.pdf", "Windows program", true),
            ("all.zip", "zip archive", false),
            ("all.zip", "PDF document", true),
            ("letter.doc", "Rich Text document", false),
        ] {
            assert_eq!(misleading(name, noun).is_some(), lies, "{name} {noun}");
        }
    }
}
