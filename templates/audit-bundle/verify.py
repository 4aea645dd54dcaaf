#!/usr/bin/env python3
"""Verifies this audit bundle without agentctl: Python 3 and its standard library, nothing else. The rules are in VERIFY.md.

usage: python3 verify.py [--key LOG-KEY]

LOG-KEY is the verifier key of the log as you know it from elsewhere, or a file that holds it.
Exit status: 0 all of it holds, 1 something does not, 2 the arguments are wrong, 3 it holds, but whose log it is was not shown.
"""
import base64
import hashlib
import hmac
import json
import os
import re
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
GENESIS = "0" * 64


class Wrong(Exception):
    pass


def need(condition, message):
    if not condition:
        raise Wrong(message)


def sha256(data):
    return hashlib.sha256(data).digest()


def read(name):
    with open(os.path.join(FOLDER, name), "rb") as file:
        return file.read()


def text(name):
    return read(name).decode("utf-8")


def lines_of(name, content):
    need(content.endswith("\n"), "%s does not end in a line break" % name)
    return content[:-1].split("\n")


def log_key():
    lines = lines_of("log-key.txt", text("log-key.txt"))
    need(len(lines) == 1, "log-key.txt is one line")
    return lines[0]


def json_lines(name):
    with open(os.path.join(FOLDER, name), "r", encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            need(line.endswith("\n"), "%s ends in the middle of line %d" % (name, number))
            yield json.loads(line)


# Rule 1: the files

def check_files():
    named = set()
    for line in lines_of("SHA256SUMS", text("SHA256SUMS")):
        match = re.fullmatch(r"([0-9a-f]{64})  ([A-Za-z0-9._-]+)", line)
        need(match and match.group(2) not in named, "SHA256SUMS has a line that is not one: %r" % line)
        named.add(match.group(2))
        digest = hashlib.sha256()
        with open(os.path.join(FOLDER, match.group(2)), "rb") as file:
            for part in iter(lambda: file.read(1 << 20), b""):
                digest.update(part)
        need(digest.hexdigest() == match.group(1), "%s is not the file that SHA256SUMS names" % match.group(2))
    need({"bundle.json", "entries.jsonl", "checkpoint.txt", "log-key.txt"} <= named, "SHA256SUMS does not name every file of a bundle")
    stray = sorted(set(os.listdir(FOLDER)) - named - {"SHA256SUMS"})
    return "%d files are as SHA256SUMS names them%s" % (len(named), "; not part of the bundle: %s" % ", ".join(stray) if stray else "")


# Rules 2 to 4, 7 and 9: entries, chain, tree

def leaf_hash(previous, body):
    return sha256(b"\x00" + previous.encode("ascii") + b"\n" + body.encode("utf-8"))


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def check_entry(row, previous, bundle):
    need(leaf_hash(previous, row["body"]).hex() == row["hash"], "entry %s: its text and the hash before it do not give its hash" % row["seq"])
    entry = json.loads(row["body"])
    need(entry["seq"] == row["seq"] and entry["chain"] == bundle["chain"], "entry %s holds the text of another place" % row["seq"])
    return entry


class Tree:
    """Compact range of RFC 6962: one node for each set bit of the size, the largest subtree first."""

    def __init__(self):
        self.size, self.nodes = 0, []

    def add(self, node):
        rest = self.size
        while rest & 1:
            node = node_hash(self.nodes.pop(), node)
            rest >>= 1
        self.nodes.append(node)
        self.size += 1

    def root(self):
        if not self.nodes:
            return sha256(b"")
        node = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            node = node_hash(left, node)
        return node


def inclusion_root(index, size, leaf, proof):
    """RFC 9162, 2.1.3.2."""
    need(0 <= index < size, "entry %d is beyond the checkpoint" % index)
    node, last = leaf, size - 1
    at = index
    for sibling in proof:
        need(last != 0, "entry %d: its proof is too long" % index)
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1 and at != 0:
                at >>= 1
                last >>= 1
        else:
            node = node_hash(node, sibling)
        at >>= 1
        last >>= 1
    need(last == 0, "entry %d: its proof is too short" % index)
    return node


def check_entries(bundle, checkpoint, visit):
    tree, previous, before = Tree(), GENESIS, -1
    count = 0
    for row in json_lines("entries.jsonl"):
        need(row["seq"] > before, "entry %s is out of order" % row["seq"])
        before = row["seq"]
        if bundle["whole"]:
            need(row["seq"] == count, "entry %d is missing" % count)
            entry = check_entry(row, previous, bundle)
            previous = row["hash"]
            tree.add(bytes.fromhex(row["hash"]))
        else:
            entry = check_entry(row, row["previous"], bundle)
            root = inclusion_root(row["seq"], checkpoint["size"], bytes.fromhex(row["hash"]), [bytes.fromhex(one) for one in row["proof"]])
            need(root == checkpoint["root"], "entry %d is not in the tree of the checkpoint" % row["seq"])
        if row["seq"] == 0:
            need(entry["data"].get("log") == log_key(), "entry 0 names another log key than log-key.txt")
        visit(row, entry)
        count += 1
    need(count == bundle["entries"] and before >= 0, "entries.jsonl has %d entries, not %d" % (count, bundle["entries"]))
    if bundle["whole"]:
        need(tree.size == checkpoint["size"], "%d entries are here, the checkpoint covers %d" % (tree.size, checkpoint["size"]))
        need(tree.root() == checkpoint["root"], "the entries have another Merkle root than the checkpoint")
        return "%d entries, all of them, form one chain whose Merkle root is the one of the checkpoint" % count
    return "%d entries are each in the tree of the checkpoint; whether others were left out, this part cannot show" % count


# Rules 5 and 6: the checkpoint

P = 2 ** 255 - 19
ORDER = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def recover_x(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    need((x * x - square) % P == 0 and not (x == 0 and sign), "not a point of Ed25519")
    return P - x if x & 1 != sign else x


def decode_point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    need(y < P, "not a point of Ed25519")
    x = recover_x(y, sign)
    return (x, y, 1, x * y % P)


def add_points(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add_points(result, point)
        point = add_points(point, point)
        scalar >>= 1
    return result


def ed25519_holds(key, message, signature):
    """RFC 8032, 5.1.7, without the cofactor."""
    base_y = 4 * pow(5, P - 2, P) % P
    base = (recover_x(base_y, 0), base_y, 1, recover_x(base_y, 0) * base_y % P)
    point, r = decode_point(key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = times(s, base), add_points(r, times(challenge, point))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def parse_key(key):
    match = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+(\S+)", key)
    need(match, "not the verifier key of a signed note")
    name, key_id, raw = match.group(1), match.group(2), base64.b64decode(match.group(3), validate=True)
    need(len(raw) == 33 and raw[0] == 1, "not an Ed25519 key")
    need(sha256(name.encode("utf-8") + b"\n" + raw)[:4].hex() == key_id, "the id of the log key is not that of its bytes")
    return name, key_id, raw[1:]


def check_checkpoint(key):
    name, key_id, public = parse_key(key)
    note = text("checkpoint.txt")
    need("\n\n" in note, "checkpoint.txt is not a signed note")
    body, signatures = note[:note.rindex("\n\n") + 1], lines_of("checkpoint.txt", note[note.rindex("\n\n") + 2:])
    lines = lines_of("checkpoint.txt", body)
    need(len(lines) == 3 and re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]), "a checkpoint has an origin, a size and a root")
    need(lines[0] == name, "the checkpoint is of another log than the key")
    holding = 0
    for line in signatures:
        match = re.fullmatch("\u2014 (\\S+) (\\S+)", line)
        need(match, "a broken signature line")
        raw = base64.b64decode(match.group(2), validate=True)
        if match.group(1) == name and raw[:4].hex() == key_id:
            need(len(raw) == 68 and ed25519_holds(public, body.encode("utf-8"), raw[4:]), "the signature of the checkpoint does not hold")
            holding += 1
    need(holding, "the log key has not signed the checkpoint")
    return {"origin": lines[0], "size": int(lines[1]), "root": base64.b64decode(lines[2], validate=True)}


# Rule 8: payloads

def check_payloads(commitments):
    erased = shown = 0
    for row in json_lines("payloads.jsonl"):
        need(row["seq"] in commitments, "payload %s belongs to no entry" % row["seq"])
        commitment = commitments.pop(row["seq"])
        if row.get("erased"):
            erased += 1
            continue
        made = hmac.new(bytes.fromhex(row["salt"]), row["text"].encode("utf-8"), hashlib.sha256).hexdigest()
        need(made == commitment, "payload %s is not the one that its entry commits to" % row["seq"])
        shown += 1
    need(not commitments, "the payload of entry %s is missing" % (min(commitments) if commitments else ""))
    return "%d payloads are the ones that their entries commit to; %d were erased" % (shown, erased)


# Rule 10: lists

def cell(row, entry, column):
    value = {**entry, "hash": row["hash"]}
    for part in column.split(".", 1) if column.startswith(("data.", "agent.")) else [column]:
        value = value.get(part) if isinstance(value, dict) else None
    if value is None:
        shown = ""
    else:
        shown = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return "'" + shown if shown[:1] in tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20") else shown


def csv_record(cells):
    return ",".join('"%s"' % one.replace('"', '""') if re.search('[",\r\n]', one) else one for one in cells) + "\r\n"


class List:
    def __init__(self, name, types):
        self.name, self.types, self.problem = name, set(types), None
        self.file = open(os.path.join(FOLDER, name), "r", encoding="utf-8", newline="")
        head = self.file.readline()
        need(head.endswith("\r\n"), "%s has no head" % name)
        self.columns = head[:-2].split(",")

    def visit(self, row, entry):
        if entry["type"] not in self.types or self.problem:
            return
        expected = csv_record([cell(row, entry, column) for column in self.columns])
        if self.file.read(len(expected)) != expected:
            self.problem = "%s does not say what entry %d says" % (self.name, row["seq"])

    def end(self):
        # Told last: a list proves nothing, and its entries may be what is wrong.
        need(self.problem is None, self.problem)
        need(self.file.read(1) == "", "%s has a line that no entry gives" % self.name)
        self.file.close()


def verify(trusted):
    key = log_key()
    holds = [check_files()]
    checkpoint = check_checkpoint(key)
    bundle = json.loads(text("bundle.json"))
    need(bundle["format"] == "agentctl-ledger-bundle/1", "a bundle of another format")
    need(bundle["size"] == checkpoint["size"], "bundle.json speaks of another checkpoint")
    lists = [List(name, types) for name, types in sorted(bundle["lists"].items())]
    commitments = {}

    def visit(row, entry):
        for one in lists:
            one.visit(row, entry)
        if bundle["payloads"] and "payload" in entry:
            commitments[row["seq"]] = entry["payload"]["commit"]

    holds.append(check_entries(bundle, checkpoint, visit))
    holds.append("the checkpoint over %d entries of %s is signed by the log key" % (checkpoint["size"], checkpoint["origin"]))
    if bundle["payloads"]:
        holds.append(check_payloads(commitments))
    for one in lists:
        one.end()
    holds.append("%d lists say what the entries say" % len(lists))
    if trusted is not None:
        need(trusted == key, "the log key is not the one that you trust")
        holds.append("the log key is the one that you trust")
    return holds


def main(arguments):
    if len(arguments) not in (0, 2) or (arguments and arguments[0] != "--key"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    trusted = arguments[1] if arguments else None
    if trusted is not None and os.path.exists(trusted):
        with open(trusted, "r", encoding="utf-8") as file:
            trusted = file.read().strip()
    try:
        for one in verify(trusted):
            print("holds: " + one)
    except Wrong as wrong:
        print("DOES NOT HOLD: %s" % wrong)
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as broken:
        print("DOES NOT HOLD: the bundle cannot be read (%s: %s)" % (type(broken).__name__, broken))
        return 1
    if trusted is None:
        print("not shown: whose log key this is. Compare log-key.txt with the key that you have from elsewhere, or give it: --key LOG-KEY")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
