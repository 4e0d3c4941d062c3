"""What tools that are not ours say of a PDF of a pack: no text lies under what is painted over, and what programs can check
of PDF/UA-1 holds. Prints what does not, and fails."""

import asyncio
import json
import os
import subprocess
import sys

import xray

path = sys.argv[1]
tools = os.path.dirname(sys.executable)
wrong = []

under = asyncio.run(xray.inspect(path))
if under:
    wrong.append("x-ray finds text under boxes: " + json.dumps(under))

for command in ([f"{tools}/outloud", "--fail-on", "error", "--no-info"], [f"{tools}/pdfua", "check", "--min-severity", "error"]):
    ran = subprocess.run([*command, path], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        wrong.append(f"{os.path.basename(command[0])}: {ran.stdout[-3000:]}{ran.stderr[-500:]}")

print("\n".join(wrong))
sys.exit(1 if wrong else 0)
