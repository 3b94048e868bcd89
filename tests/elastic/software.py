"""The server's software: jars from Maven Central, checked against `server/jars.sha256`, and two classes of ours."""

import hashlib
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock

SOURCES = Path(__file__).with_name("server")
DEFAULT_CACHE = Path(__file__).with_name(".cache")
PROGRAMS = ("java", "javac", "mvn")
FETCH_TRIES = 3
"""A repository may drop a connection; what has arrived is not fetched again."""
MODULE_JARS = ("netty-*.jar", "transport-netty4-*.jar")
"""Loaded as a module: they must not be on the class path."""
NETTY_DESCRIPTOR = "META-INF/es-plugins/transport-netty4/plugin-descriptor.properties"


class NoServerError(Exception):
    """The server cannot be had on this machine; the text says why."""


@dataclass(frozen=True, slots=True)
class ServerSoftware:
    """A folder ready to run from; nothing writes into it."""

    folder: Path

    @property
    def home(self) -> Path:
        """What Elasticsearch calls ``path.home``."""
        return self.folder / "home"

    @property
    def class_path(self) -> str:
        return f"{self.folder / 'classes'}:{self.folder / 'lib'}/*"


def server_software() -> ServerSoftware:
    """Return the software, fetched and built when the cache lacks it. Raises NoServerError.

    The cache is ``DIEMBAO_ELASTIC_CACHE``, which checkouts may share, or the ignored folder ``tests/elastic/.cache``.
    """
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        raise NoServerError(f"Elasticsearch needs a JDK and Maven to be tested; not installed: {', '.join(missing)}")
    cache = Path(os.environ.get("DIEMBAO_ELASTIC_CACHE") or DEFAULT_CACHE).resolve()
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"server-{_sources_digest()}"
    with FileLock(cache / "lock"):
        if wrong_jars(folder):
            shutil.rmtree(folder, ignore_errors=True)
            with TemporaryDirectory(dir=cache, prefix="building-") as name:
                built = Path(name) / "server"
                _fetch(built / "lib", Path(name) / "repository")
                if wrong := wrong_jars(built):
                    raise NoServerError(f"Maven Central gave jars of another checksum: {', '.join(wrong)}")
                _build(built)
                built.rename(folder)
    return ServerSoftware(folder)


def _sources_digest() -> str:
    digest = hashlib.sha256()
    for path in sorted(SOURCES.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def wrong_jars(folder: Path) -> list[str]:
    """Return the names that are missing, too many or of another checksum, wherever in the folder they lie."""
    lines = (SOURCES / "jars.sha256").read_text(encoding="ascii").splitlines()
    wanted = {name: checksum for checksum, name in (line.split() for line in lines)}
    jars = [path for path in folder.rglob("*.jar") if path.name != "folding.jar"]
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in jars}
    return sorted({name for name, _ in wanted.items() ^ found.items()})


def _fetch(lib: Path, repository: Path) -> None:
    command = ["mvn", "-B", "-q", "-f", str(SOURCES / "pom.xml"), f"-Dmaven.repo.local={repository}"]
    command += ["dependency:copy-dependencies", f"-DoutputDirectory={lib}"]
    for _ in range(FETCH_TRIES):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
    raise NoServerError(f"Maven could not fetch Elasticsearch: {done.stdout.strip()[:300]}")


def _build(folder: Path) -> None:
    lib, classes, home = folder / "lib", folder / "classes", folder / "home"
    netty, folding = home / "modules/transport-netty4", home / "modules/folding"
    for made in (classes, home / "config", netty, folding):
        made.mkdir(parents=True)
    subprocess.run(["javac", "-cp", f"{lib}/*", "-d", classes, *SOURCES.glob("*.java")], check=True)

    (home / "config/elasticsearch.yml").touch()
    shutil.copy(SOURCES / "log4j2.properties", home / "config")

    for pattern in MODULE_JARS:
        for path in lib.glob(pattern):
            path.rename(netty / path.name)
    with zipfile.ZipFile(next(netty.glob("transport-netty4-*.jar"))) as jar:
        lines = jar.read(NETTY_DESCRIPTOR).decode().splitlines()
    described = [line for line in lines if not line.startswith("modulename=")]  # this server runs without Java modules
    (netty / "plugin-descriptor.properties").write_text("\n".join(described), encoding="utf-8")

    plugin = classes / "FoldingPlugin.class"
    with zipfile.ZipFile(folding / "folding.jar", "w") as jar:
        jar.write(plugin, plugin.name)
    plugin.unlink()  # a class in two places is refused
    shutil.copy(SOURCES / "folding.properties", folding / "plugin-descriptor.properties")
