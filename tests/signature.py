"""Signs a message with a fresh key, or verifies one, by dkimpy. Called by tests/src/dkim.rs.

sign: message on stdin; the TXT record on the first line of stdout, then the signed message.
verify RECORD: message on stdin; "valid" or "invalid" on stdout.
"""

import subprocess
import sys

import dkim

content = sys.stdin.buffer.read()
if sys.argv[1] == "sign":
    key = subprocess.run(["openssl", "genrsa", "-traditional", "2048"], check=True, capture_output=True).stdout
    public = subprocess.run(
        ["openssl", "rsa", "-pubout"], input=key, check=True, capture_output=True
    ).stdout
    base64 = b"".join(line for line in public.splitlines() if not line.startswith(b"-----"))
    signature = dkim.sign(
        content,
        b"test",
        b"oaklane.example",
        key,
        canonicalize=(b"simple", b"simple"),
        include_headers=[b"from", b"to", b"subject", b"date", b"message-id"],
    )
    sys.stdout.buffer.write(b"v=DKIM1; k=rsa; p=" + base64 + b"\n" + signature + content)
else:
    record = sys.argv[2].encode()
    verified = dkim.verify(content, dnsfunc=lambda name, timeout=5: record)
    print("valid" if verified else "invalid")
