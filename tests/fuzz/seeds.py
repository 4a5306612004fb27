"""Writes the seeds of a fuzz target from the fixtures: seeds.py TARGET FOLDER."""

import email
import email.policy
import hashlib
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENDINGS = {
    "pdf": [".pdf"],
    "ooxml": [".docx", ".xlsx", ".pptx", ".docm", ".xlsm"],
    "odf": [".odt", ".ods", ".odp"],
    "zip": [".zip"],
    "rtf": [".rtf"],
    "csv": [".csv", ".tsv"],
    "xml": [".xml"],
    "7z": [".7z"],
    "tar": [".tar"],
    "gz": [".gz", ".tgz"],
    "bz2": [".bz2"],
    "xz": [".xz"],
    "zstd": [".zst"],
    "rar": [".rar"],
    "compound": [".doc", ".xls", ".ppt"],
    "msg": [".msg"],
    "tnef": [".dat"],
    "eml": [".eml"],
    "picture": [".jpg", ".jpeg", ".png"],
    "pkcs7": [".p7m"],
    "html": [".html", ".htm"],
}


def seeds(target):
    messages = sorted((ROOT / "fixtures/messages").rglob("*.eml"))
    if target in ("roster", "contacts"):
        yield from (path.read_bytes() for path in (ROOT / "fixtures/school").glob("*.csv"))
    elif target == "pack":
        yield from (path.read_bytes() for path in (ROOT / "policies/packs").glob("*.toml"))
    elif target == "config":
        yield (ROOT / "fixtures/schoolgate.toml").read_bytes()
    elif target in ("smtp-command", "smtp-dot", "smtp-header", "reply", "worker-answer", "worker-frame"):
        yield from COMMANDS
        yield from (path.read_bytes()[:4000] for path in messages[:10])
    elif target in ENDINGS:
        for path in messages:
            for part in email.message_from_bytes(path.read_bytes()).walk():
                name = (part.get_filename() or "").lower()
                html = target == "html" and part.get_content_type() == "text/html"
                if html or any(name.endswith(ending) for ending in ENDINGS[target]):
                    yield part.get_payload(decode=True) or b""
    else:
        yield from (path.read_bytes() for path in messages)


COMMANDS = [
    b"EHLO [127.0.0.1]\r\n",
    b"MAIL FROM:<a@school.example> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=x+2By\r\n",
    b'RCPT TO:<@a.example,@b.example:"q\\"uoted"@c.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x\r\n',
    b"BDAT 10 LAST\r\n",
    b"..stuffed\r\n.\r\n",
    b"550-5.1.1 no such user\r\n550 5.1.1 really\r\n",
]

folder = pathlib.Path(sys.argv[2])
for seed in seeds(sys.argv[1]):
    if 0 < len(seed) <= 65536:
        (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
