"""Terraform with its unmodified provider: apply, two empty plans, import, change, destroy.

It needs the programs `terraform` and `terraform-provider-huaweicloud`, on the search path or named by
LINKSPAN_TERRAFORM and LINKSPAN_TERRAFORM_PROVIDER. Where one is missing it says so and succeeds: nothing is tested then,
and the captured requests of the provider in `compat/replay` stand in. The provider itself waits for minutes after a
queue or a pool was made.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from target import from_environment  # noqa: E402: the folder of the suites is no package

CONNECTION = "huaweicloud_dli_datasource_connection.data"
NO_CHANGE, FAILED = 0, 1
TIMEOUT_S = 45 * 60


class Terraform:
    """The program in a folder of its own, with the provider that was given and no registry."""

    def __init__(self, program: str, provider: str, folder: Path):
        self.program, self.folder = program, folder
        shutil.copy(HERE / "main.tf", folder)
        settings = folder / "terraform.rc"
        override = f'"huaweicloud/huaweicloud" = {json.dumps(str(Path(provider).parent.resolve()))}'
        settings.write_text(f"provider_installation {{\n  dev_overrides {{\n    {override}\n  }}\n  direct {{}}\n}}\n")
        target = from_environment()
        self.environment = os.environ | {
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "TF_VAR_endpoint": target.endpoint,
            "TF_VAR_access_key": target.access_key,
            "TF_VAR_secret_key": target.secret_key,
            "TF_VAR_project_id": target.project_id,
        }

    def run(self, *arguments: str, expected: int = 0) -> str:
        print("  $ terraform", *arguments, flush=True)
        command = [self.program, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=TIMEOUT_S
        )
        if done.returncode != expected:
            raise SystemExit(f"terraform {arguments[0]} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def outputs(self) -> dict:
        return {name: entry["value"] for name, entry in json.loads(self.run("output", "-json")).items()}


def play(terraform: Terraform):
    """The life of the example. A plan that is not empty ends with 2 and fails here."""
    changed = ("-var", "database_address=10.168.0.21")
    terraform.run("apply", "-auto-approve", "-input=false")
    made = terraform.outputs()
    assert made["found"] == 1, made
    for _ in range(2):
        terraform.run("plan", "-detailed-exitcode", "-input=false", expected=NO_CHANGE)
    terraform.run("state", "rm", CONNECTION)
    terraform.run("import", "-input=false", CONNECTION, made["connection_id"])
    terraform.run("plan", "-detailed-exitcode", "-input=false", expected=NO_CHANGE)
    terraform.run("apply", "-auto-approve", "-input=false", *changed)
    assert terraform.outputs()["connection_id"] == made["connection_id"], "hosts and routes are changed in place"
    terraform.run("plan", "-detailed-exitcode", "-input=false", *changed, expected=NO_CHANGE)
    terraform.run("destroy", "-auto-approve", "-input=false", *changed)


def main():
    terraform = os.environ.get("LINKSPAN_TERRAFORM") or shutil.which("terraform")
    provider = os.environ.get("LINKSPAN_TERRAFORM_PROVIDER") or shutil.which("terraform-provider-huaweicloud")
    if terraform:
        subprocess.run([terraform, "fmt", "-check", "-diff", str(HERE)], check=True)
        print("the example is formatted as Terraform formats it")
    missing = [name for name, found in (("terraform", terraform), ("terraform-provider-huaweicloud", provider)) if not found]
    if missing:
        print(f"not applicable here: {' and '.join(missing)} not found, so Terraform was not run;")
        print("the captured requests of its provider, in `cargo xtask test replay`, stand in")
        return
    with tempfile.TemporaryDirectory() as folder:
        play(Terraform(terraform, provider, Path(folder)))
    print("applied, planned twice without a change, imported, changed and destroyed")


if __name__ == "__main__":
    main()
