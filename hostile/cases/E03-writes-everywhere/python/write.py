"""Makes a file in every folder that is not a process's; prints the tops of those where it could, and how the root refuses."""

import errno
import os

found = []
for folder, folders, _ in os.walk("/"):
    if folder == "/proc":
        folders[:] = [name for name in folders if not name.isdigit() and name not in ("self", "thread-self")]
    path = os.path.join(folder, "written-by-a-learner")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC))
        os.unlink(path)
        if not any(folder.startswith(top + "/") for top in found):
            found.append(folder)
    except OSError:
        pass
for folder in sorted(found):
    print("writable:", folder)
for folder in ("/", "/etc", "/usr/bin", "/run/gradus"):
    try:
        os.open(os.path.join(folder, "x"), os.O_CREAT | os.O_WRONLY)
    except OSError as error:
        print(folder, errno.errorcode[error.errno])
