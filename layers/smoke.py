"""Loads every function on Python 3.13 from nothing but its layers, as the cloud would: `make layers-smoke`.

The layers are built by their own recipes, with this machine's wheels in place of the cloud's. What the
runtime brings by itself (boto3 and what it needs) is linked from the environment of the tests.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from local.cloudformation import Resolver, read_yaml

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / ".cache" / "layers"
# Layer, the folder that its recipe runs in, the folder of the recipe.
LAYERS = (
    ("DependenciesLayer", "layers/dependencies", "layers/dependencies"),
    ("SharedLayer", "shared", "layers/shared"),
    ("MigrationsLayer", "migrations", "layers/migrations"),
)
RUNTIME = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")
# Importing must neither compile anything nor find anything outside the layers.
PROBE = """
import importlib, pathlib, pkgutil, sys
root, *names = sys.argv[1:]
for name in names:
    module = importlib.import_module(name)
    below = module.__path__ if name == "shared" else []
    for found in pkgutil.walk_packages(below, name + "."):
        importlib.import_module(found.name)
loaded = [m for m in sys.modules.values() if (getattr(m, "__file__", None) or "").startswith(root)]
fresh = [m.__name__ for m in loaded if m.__file__.endswith(".py") and "/runtime/" not in m.__file__
         and not pathlib.Path(m.__cached__).is_file()]
assert not fresh, f"not precompiled: {fresh}"
print(f"  {len(loaded)} modules of the layers")
"""


def build(layer: str, folder: str, recipe: str, pip: str) -> Path:
    """Runs a layer's recipe for this machine's processor; returns the folder that Lambda puts on the path."""
    artifacts = BUILT / layer
    command = ["make", "--silent", "--makefile", str(ROOT / recipe / "Makefile"), f"build-{layer}"]
    machine = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
    environment = {"ARTIFACTS_DIR": str(artifacts), "LAYER_PYTHON": pip, "LAYER_MACHINE": machine}
    subprocess.run(command, cwd=ROOT / folder, env=os.environ | environment, check=True)
    return artifacts / "python"


def link_runtime() -> Path:
    """Links the packages that the runtime brings; returns their folder."""
    folder = BUILT / "runtime"
    folder.mkdir(parents=True)
    for name in RUNTIME:
        files = distribution(name).files or []
        for top in {file.parts[0] for file in files if file.parts[0] not in {"..", "__pycache__"}}:
            (folder / top).symlink_to(Path(str(distribution(name).locate_file(top))).resolve())
    return folder


def environments() -> dict[str, dict[str, str]]:
    """What the template gives each function, by its folder; what only a deployment knows has its name."""
    template = read_yaml((ROOT / "template.yaml").read_text(encoding="utf-8"))
    defaults = {name: parameter.get("Default", name) for name, parameter in template["Parameters"].items()}
    names = {name: name for name in template["Resources"]}
    resolver = Resolver({**names, **defaults, "AWS::Region": "eu-central-1"}, {}, template["Conditions"])
    common = template["Globals"]["Function"]["Environment"]["Variables"]
    functions = (
        r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Serverless::Function"
    )
    return {
        function["CodeUri"]: {
            name: str(resolver.resolve(value, name))
            for name, value in (common | function.get("Environment", {}).get("Variables", {})).items()
        }
        for function in functions
    }


def load(python: str, path: list[Path], names: list[str], variables: dict[str, str]) -> bool:
    """Imports the modules in a process that sees only the path and the variables; says whether it worked."""
    environment = variables | {"PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"PYTHONTZPATH": "", "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"}
    command = [python, "-S", "-s", "-P", "-c", PROBE, str(BUILT), *names]
    print(", ".join(names) if not variables else path[0].name, flush=True)
    return subprocess.run(command, env=environment, cwd="/", check=False).returncode == 0


def main(python: str, pip: str) -> None:
    shutil.rmtree(BUILT, ignore_errors=True)
    folders = [build(*layer, pip) for layer in LAYERS]
    for (layer, *_), folder in zip(LAYERS, folders, strict=True):
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        print(f"{layer}: {size / 1e6:.1f} MB")
    path = [*folders, link_runtime()]
    libraries = ["sqlalchemy.dialects.postgresql.pg8000", "icalendar", "boto3", "alembic.command"]
    results = [load(python, path, libraries, {}), load(python, path, ["shared"], {})]
    for code, variables in environments().items():
        if (ROOT / code / "app.py").is_file():
            results.append(load(python, [ROOT / code, *path], ["app"], variables))
    sys.exit(not all(results))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, help="an interpreter of the runtime's version")
    parser.add_argument("--pip", required=True, help="an interpreter that has pip")
    arguments = parser.parse_args()
    main(arguments.python, arguments.pip)
