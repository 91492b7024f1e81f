# What of some directives holds in the end, as redis reads its settings: every spelling of a name, quotes, files that
# are included, and the last one of several.
#
#   awk -f redis-effective.awk < SETTINGS
#
# Prints shell assignments, for the entrypoint and the probe.

function value(text,    c) {
  sub(/^[ \t]+/, "", text)
  sub(/[ \t\r]+$/, "", text)
  c = substr(text, 1, 1)
  if ((c == "\"" || c == "'") && length(text) > 1 && substr(text, length(text)) == c) text = substr(text, 2, length(text) - 2)
  return text
}

function take(line, depth,    at, name, text, file, more) {
  sub(/^[ \t]+/, "", line)
  if (line == "" || line ~ /^#/) return
  at = match(line, /[ \t]/)
  name = tolower(at ? substr(line, 1, at - 1) : line)
  text = at ? value(substr(line, at)) : ""
  if (name == "include" && depth < 8) {
    # A pattern may stand for several files.
    more = "for file in " text "; do cat \"$file\" 2>/dev/null; echo; done"
    if (text !~ /^[A-Za-z0-9_.,\/*?@%+:=-]+$/) return
    while ((more | getline file) > 0) take(file, depth + 1)
    close(more)
    return
  }
  if (name == "slaveof") name = "replicaof"
  if (name == "save") { saves = (text == "") ? "no" : "yes"; return }
  held[name] = text
}

function quoted(text) { gsub(/'/, "'\\''", text); return "'" text "'" }

function say(variable, name, otherwise) {
  print variable "=" quoted((name in held) ? held[name] : otherwise)
}

BEGIN { saves = "yes" }

{ take($0, 0) }

END {
  held["appendonly"] = tolower(("appendonly" in held) ? held["appendonly"] : "no")
  if (("replicaof" in held) && tolower(held["replicaof"]) ~ /^no[ \t]+one$/) held["replicaof"] = ""
  say("on", "appendonly", "no")
  say("data", "dir", "/data")
  say("dump", "dbfilename", "dump.rdb")
  say("follows", "replicaof", "")
  print "aof=" quoted((("appenddirname" in held) ? held["appenddirname"] : "appendonlydir") "/" \
    (("appendfilename" in held) ? held["appendfilename"] : "appendonly.aof") ".manifest")
  print "saves=" saves
}
