"""Published packages as build inputs: downloaded once by their own client, checked by SHA-256, kept in the build cache."""
import hashlib
import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

CACHE = Path(os.environ.get("MODEL_BUILD_CACHE", Path.home() / ".cache/tributary-build"))


def sha256(path):
    """Hex SHA-256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _download(folder, suffixes, digest, command):
    """Run `command` in `folder` unless the one archive is there already; return it after checking its digest."""
    folder.mkdir(parents=True, exist_ok=True)
    find = lambda: [p for p in folder.iterdir() if p.name.endswith(suffixes)]
    if not find():
        print(f"fetching {folder.name}", flush=True)
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = find()
    got = sha256(archive)
    if got != digest:
        archive.unlink()
        raise SystemExit(f"{archive.name}: SHA-256 is {got}, expected {digest}; the file was removed, try again")
    return archive


def pypi(name, version, digest, sdist=False, python=None, platform=None):
    """A wheel (or source archive) from PyPI; `python` ("311") and `platform` choose among wheels of compiled packages."""
    kind = ["--no-binary", name] if sdist else ["--only-binary", ":all:"]  # build tools of a source archive may come as wheels
    if platform:
        kind += ["--python-version", python, "--platform", platform]
    command = ["python3", "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", *kind, f"{name}=={version}"]
    return _download(CACHE / f"pypi-{name}-{version}{'-sdist' if sdist else ''}", (".whl", ".tar.gz", ".zip"), digest, command)


def npm(name, version, digest):
    """A package tarball from npm."""
    folder = CACHE / f"npm-{name.replace('/', '-').lstrip('@')}-{version}"
    return _download(folder, (".tgz",), digest, ["npm", "pack", "--silent", f"{name}@{version}"])


def maven(group, artifact, version, digest):
    """A jar from Maven Central."""
    command = ["mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
               f"-Dartifact={group}:{artifact}:{version}:jar", "-DoutputDirectory=."]
    return _download(CACHE / f"maven-{artifact}-{version}", (".jar",), digest, command)


def debian(name, version, digest):
    """A package (.deb) from the Debian archive. Needs Debian's apt with fresh lists; a file laid into the folder by hand will do."""
    folder = CACHE / f"debian-{name}-{version}"
    try:
        return _download(folder, (".deb",), digest, ["apt-get", "download", "-q", f"{name}={version}"])
    except (OSError, subprocess.CalledProcessError) as error:
        cure = f"run `apt-get update` on Debian 12 and try again, or put the .deb into {folder}"
        raise SystemExit(f"{name} {version}: apt-get could not download it ({error}); {cure}") from None


def _open_deb(archive):
    """The tarball of installed files inside a .deb, which is an `ar` archive: 60-byte headers, contents padded to even length."""
    data = Path(archive).read_bytes()
    at = len(b"!<arch>\n")
    while at < len(data):
        name, size = data[at : at + 16].decode().strip().rstrip("/"), int(data[at + 48 : at + 58])
        if name.startswith("data.tar"):
            return tarfile.open(fileobj=io.BytesIO(data[at + 60 : at + 60 + size]))
        at += 60 + size + size % 2
    raise ValueError(f"{archive}: no data.tar inside")


def member(archive, name):
    """Bytes of one file inside a wheel, jar, zip, .deb or tarball (`name` matches the end of the member's path)."""
    if str(archive).endswith((".whl", ".jar", ".zip")):
        with zipfile.ZipFile(archive) as z:
            (found,) = [n for n in z.namelist() if n == name or n.endswith("/" + name)]
            return z.read(found)
    with _open_deb(archive) if str(archive).endswith(".deb") else tarfile.open(archive) as t:
        (found,) = [m for m in t.getmembers() if m.name == name or m.name.endswith("/" + name)]
        return t.extractfile(found).read()
