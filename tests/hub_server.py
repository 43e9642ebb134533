"""A Hugging Face Hub on loopback: the routes that huggingface_hub uses to push, tag and pull, kept in memory.

Clients read HF_ENDPOINT and HF_HOME when huggingface_hub is imported, so they run in a child process with `Hub.environment`.
"""

import base64
import hashlib
import json
import os
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_write"
READ_TOKEN = "hf_read"


@dataclass
class Repository:
    private: bool
    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)  # (oid, path -> content), oldest first
    tags: dict[str, str] = field(default_factory=dict)
    sdk: str | None = None

    def commit(self, files: dict[str, bytes]) -> str:
        oid = hashlib.sha1(f"{len(self.commits)} {sorted(files)}".encode()).hexdigest()
        self.commits.append((oid, files))
        return oid

    @property
    def head(self) -> tuple[str, dict[str, bytes]]:
        return self.commits[-1]

    def at(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        if revision == "main":
            return self.head
        oid = self.tags.get(revision, revision)
        return next((commit for commit in self.commits if commit[0] == oid), None)


class Hub:
    """Use as a context manager.  `repositories` maps (type, id), such as ("models", "ann/vae"), to what is there."""

    def __init__(self):
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.collections: dict[str, list[tuple[str, str]]] = {}
        self.requests: list[str] = []  # "POST /api/repos/create" ...
        self.troubles: dict[str, list[int]] = {}  # part of a path -> statuses that it answers first; 0 is silence, 200 its answer
        handler = type("Bound", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Hub":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self, home: Path, token: str | None = TOKEN) -> dict[str, str]:
        """Environment of a child process that takes this server for the Hub, with a cache of its own in `home`."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGING"))}
        kept |= {"HF_ENDPOINT": self.url, "HF_HOME": str(home), "HF_HUB_DISABLE_PROGRESS_BARS": "1", "OMP_NUM_THREADS": "1"}
        return kept | ({"HF_TOKEN": token} if token else {})

    def model(self, repo_id: str) -> Repository:
        return self.repositories["models", repo_id]


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *args) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    do_HEAD = do_POST = do_GET

    def _handle(self) -> None:
        path = unquote(urlsplit(self.path).path)
        query = parse_qs(urlsplit(self.path).query)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.hub.requests.append(f"{self.command} {path}")
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        for part, statuses in self.hub.troubles.items():
            if part in path and statuses:
                status = statuses.pop(0)
                if status != 200:
                    return self._json(status, {"error": "busy"}) if status else threading.Event().wait(5)
        if path == "/api/whoami-v2":
            if token not in (TOKEN, READ_TOKEN):
                return self._json(401, {"error": "Invalid credentials"})
            role = "write" if token == TOKEN else "read"
            return self._json(200, {"type": "user", "name": "ann", "auth": {"type": "access_token", "accessToken": {"role": role}}})
        if path == "/api/validate-yaml":
            return self._validate_yaml(json.loads(body)["content"])
        if self.command == "POST" and token != TOKEN and "/paths-info/" not in path:
            return self._json(403, {"error": "You need a token that may write"})
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/auth-check/write", path):
            mine = token == TOKEN and found[1].startswith("ann/")
            return self._json(200, {}) if mine else self._json(403, {"error": "You may not write there"})
        if found := re.fullmatch(r"/api/collections(?:/(.+?))?(?:/items?)?", path):
            return self._collection(found[1], json.loads(body or "null"))
        if path == "/api/repos/create":
            return self._create(json.loads(body))
        if found := re.fullmatch(
            r"/api/(models|spaces|datasets)/([^/]+/[^/]+)(?:/(paths-info|preupload|commit|tag|revision|tree)/([^/]+))?(/.*)?", path
        ):
            kind, repo_id, action, revision, inside = found.groups()
            if action == "paths-info" or (action == "tree" and kind == "datasets"):
                asked = parse_qs(body.decode()).get("paths") or [(inside or "").strip("/")]
                return self._paths(kind, repo_id, action, revision, asked, query.get("recursive") in (["true"], ["True"]), token)
            return self._repository(kind, repo_id, action, revision, body, token)
        if found := re.fullmatch(r"/(?:(spaces|datasets)/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self._file(found[1] or "models", *found.groups()[1:], token)
        return self._json(404, {"error": f"no route {path} {query}"})

    def _visible(self, kind: str, repo_id: str, token: str) -> Repository | None:
        repository = self.hub.repositories.get((kind, repo_id))
        return None if repository is None or (repository.private and token not in (TOKEN, READ_TOKEN)) else repository

    def _create(self, request: dict) -> None:
        repo_id = f"{request.get('organization') or 'ann'}/{request['name']}"
        kind = request.get("type", "model") + "s"
        url = f"{self.hub.url}/{'spaces/' if kind == 'spaces' else ''}{repo_id}"
        if not repo_id.startswith("ann/"):
            return self._json(403, {"error": "You may not make anything there"})
        if (kind, repo_id) in self.hub.repositories:
            return self._json(409, {"error": "You already created this repo", "url": url})
        private = request.get("private") is True or request.get("visibility") == "private"
        repository = self.hub.repositories[kind, repo_id] = Repository(private, sdk=request.get("sdk"))
        repository.commit({".gitattributes": b""})
        return self._json(200, {"url": url, "name": repo_id})

    def _collection(self, slug: str | None, request: dict | None) -> None:
        """Makes one, adds an item to it, or says what is known of it."""
        collections, status = self.hub.collections, 200
        if slug is None:
            slug = f"{request['namespace']}/{request['title'].lower().replace(' ', '-')}-1"
            status = 409 if slug in collections else 200
            collections.setdefault(slug, [])
        elif request:
            item = (request["item"]["type"], request["item"]["id"])
            status = 409 if item in collections[slug] else 200
            collections[slug] += [item] * (status == 200)
        said = {"slug": slug, "title": slug, "owner": {"name": "ann"}, "lastUpdated": "2026-01-01T00:00:00.000Z", "items": []}
        self._json(status, said | {"private": False, "position": 0, "theme": "blue", "upvotes": 0})

    def _validate_yaml(self, text: str) -> None:
        import yaml

        front = re.match(r"---\n(.*?)\n---\n", text, re.S)
        errors = []
        try:
            fields = yaml.safe_load(front[1]) if front else {}
            if fields.get("license") == "other" and not fields.get("license_name"):
                errors.append({"message": '"license_name" is required with license "other"'})
            if len(fields.get("short_description", "")) > 60:
                errors.append({"message": '"short_description" must be at most 60 characters'})
        except yaml.YAMLError as error:
            errors.append({"message": str(error)})
        return self._json(400 if errors else 200, {"errors": errors, "warnings": []})

    def _repository(self, kind: str, repo_id: str, action: str | None, revision: str | None, body: bytes, token: str) -> None:
        repository = self._visible(kind, repo_id, token)
        if repository is None:
            return self._json(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
        commit = repository.at(revision or "main")
        if commit is None:
            return self._json(404, {"error": f"Invalid rev id: {revision}"}, {"X-Error-Code": "RevisionNotFound"})
        oid, files = commit
        if action == "preupload":
            names = [file["path"] for file in json.loads(body)["files"]]
            return self._json(200, {"files": [{"path": name, "uploadMode": "regular", "shouldIgnore": False} for name in names]})
        if action == "commit":
            return self._commit(repository, kind, repo_id, [json.loads(line) for line in body.splitlines()])
        if action == "tag":
            tag = json.loads(body)["tag"]
            if tag in repository.tags:
                return self._json(409, {"error": f"Tag {tag} already exists"})
            repository.tags[tag] = oid
            return self._json(200, {})
        if action == "tree":
            tree = [{"type": "file", "path": name, "size": len(data), "oid": _etag(data)} for name, data in sorted(files.items())]
            return self._json(200, tree)
        return self._json(
            200,
            {
                "id": repo_id,
                "sha": oid,
                "private": repository.private,
                "siblings": [{"rfilename": name} for name in sorted(files)],
                "tags": [],
                "downloads": 0,
                "likes": 0,
            },
        )

    def _paths(self, kind: str, repo_id: str, action: str, revision: str, asked: list[str], deep: bool, token: str) -> None:
        """What is at these paths ("paths-info"), or in this folder ("tree")."""
        repository = self._visible(kind, repo_id, token)
        oid, files = (repository and repository.at(revision)) or ("", {})
        folders = {"/".join(name.split("/")[:depth]) for name in files for depth in range(1, name.count("/") + 1)}
        if action == "paths-info":
            found = [path for path in asked if path in files or path in folders]
        else:
            inside = [path for path in {*files, *folders} if path.startswith(asked[0] + "/" * bool(asked[0]))]
            found = [path for path in inside if deep or "/" not in path[len(asked[0]) :].strip("/")]
            if not found:
                return self._json(404, {"error": f"{asked[0]} does not exist"}, {"X-Error-Code": "EntryNotFound"})
        last = {"id": oid, "title": "commit", "date": "2026-01-01T00:00:00.000Z"}
        told = [{"type": "file", "path": p, "size": len(files[p]), "oid": _etag(files[p]), "lastCommit": last} for p in found if p in files]
        self._json(200, told + [{"type": "directory", "path": p, "oid": oid, "lastCommit": last} for p in found if p in folders])

    def _commit(self, repository: Repository, kind: str, repo_id: str, lines: list[dict]) -> None:
        files = dict(repository.head[1])
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                if value.get("parentCommit") not in (None, repository.head[0]):
                    return self._json(412, {"error": "The branch has moved since"})
            elif line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "deletedFile":
                del files[value["path"]]
            else:
                return self._json(400, {"error": f"unknown operation {line['key']}"})
        oid = repository.commit(files)
        return self._json(200, {"commitUrl": f"{self.hub.url}/{repo_id}/commit/{oid}", "commitOid": oid, "success": True})

    def _file(self, kind: str, repo_id: str, revision: str, name: str, token: str) -> None:
        repository = self._visible(kind, repo_id, token)
        commit = repository and repository.at(revision)
        if commit is None:
            code = "RevisionNotFound" if repository else "RepoNotFound"
            return self._json(404, {"error": code}, {"X-Error-Code": code})
        oid, files = commit
        if name not in files:
            return self._json(404, {"error": "Entry not found"}, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": oid})
        headers = {"ETag": f'"{_etag(files[name])}"', "X-Repo-Commit": oid, "Accept-Ranges": "bytes"}
        if part := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range") or ""):
            first, last = int(part[1]), min(int(part[2]), len(files[name]) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(files[name])}"
            return self._send(206, files[name][first : last + 1], "application/octet-stream", headers)
        self._send(200, files[name], "application/octet-stream", headers)

    def _json(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        extra = {"X-Error-Message": content["error"]} if isinstance(content, dict) and "error" in content else {}
        self._send(status, json.dumps(content).encode(), "application/json", extra | (headers or {}))

    def _send(self, status: int, data: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _etag(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()
