# Turns REDIS_CONF_* variables into lines of redis.conf, or names every one that is wrong and exits 1.
#
#   awk -f redis-config.awk DIRECTIVES ENVIRONMENT
#
# ENVIRONMENT has one variable a line, sorted; a newline inside a value is written as \001.
# Each directive follows a comment with its variable, so that redis's line numbers lead back to it.

function wrong(name, why) { problems = problems "  " name ": " why "\n"; count++ }

function variable(directive) { gsub(/-/, "_", directive); return "REDIS_CONF_" toupper(directive) }

# Edits between two words (Levenshtein).
function distance(a, b,    i, j, cost, row, old, up) {
  for (j = 0; j <= length(b); j++) row[j] = j
  for (i = 1; i <= length(a); i++) {
    old = row[0]; row[0] = i
    for (j = 1; j <= length(b); j++) {
      up = row[j]
      cost = old + (substr(a, i, 1) != substr(b, j, 1))
      if (up + 1 < cost) cost = up + 1
      if (row[j - 1] + 1 < cost) cost = row[j - 1] + 1
      row[j] = cost; old = up
    }
  }
  return row[length(b)]
}

function nearest(word,    d, best, least) {
  least = 4
  for (known in directives) {
    d = distance(word, known)
    if (d < least || (d == least && known < best)) { least = d; best = known }
  }
  return best == "" ? "" : "; did you mean " variable(best) "?"
}

# What a variable that is neither a directive's nor the image's own was probably meant to be.
function meant(name,    known, d, best, least) {
  if (name in elsewhere) return "this image has no such setting; write REDIS_CONF_" elsewhere[name]
  least = 4
  for (known in own) {
    d = distance(name, known)
    if (d < least || (d == least && known < best)) { least = d; best = known }
  }
  if (best != "") return "this image has no such setting; did you mean " best "?"
  known = tolower(substr(name, 7))
  gsub(/_/, "-", known)
  return "this image has no such setting" nearest(known)
}

BEGIN {
  split("REDIS_VOLUME_GUARD REDIS_STALE_READS REDIS_LINGER REDIS_AWAIT_MASTER REDIS_PROBE_ARGS", names, " ")
  for (i in names) own[names[i]] = 1
  # Settings of other images of redis, and the directives that say the same here.
  n = split("PASSWORD REQUIREPASS PASS REQUIREPASS AUTH REQUIREPASS MASTER_PASSWORD MASTERAUTH " \
    "PORT_NUMBER PORT AOF_ENABLED APPENDONLY DATA_DIR DIR MAX_MEMORY MAXMEMORY " \
    "MASTER_HOST REPLICAOF MASTER_PORT_NUMBER REPLICAOF REPLICATION_MODE REPLICAOF " \
    "ACLFILE_PATH ACLFILE DISABLE_COMMANDS RENAME_COMMAND RDB_POLICY SAVE", names, " ")
  for (i = 1; i < n; i += 2) elsewhere["REDIS_" names[i]] = names[i + 1]
}

function from_kubernetes(name, value) {
  return value ~ /^(tcp|udp|sctp):\/\// || name ~ /_SERVICE_(HOST|PORT)/ || name ~ /_PORT_[0-9]+_(TCP|UDP|SCTP)/
}

FILENAME == ARGV[1] { directives[$0] = 1; next }

{
  at = index($0, "=")
  name = substr($0, 1, at - 1)
  value = substr($0, at + 1)
}

name ~ /^REDIS_CONF_/ {
  key = substr(name, 12)
  sub(/__.*/, "", key)
  directive = tolower(key)
  if (from_kubernetes(name, value)) {
    wrong(name, "made by Kubernetes for a Service called redis-conf; set enableServiceLinks: false in the pod")
    next
  }
  if (directive ~ /-/ || directive ~ /\./) {
    gsub(/[-.]/, "_", directive)
    wrong(name, "malformed: only letters, digits and _; write REDIS_CONF_" toupper(directive))
    next
  }
  if (directive !~ /^[a-z][a-z0-9_]*$/) {
    wrong(name, "malformed: REDIS_CONF_ is followed by a directive, such as REDIS_CONF_MAXMEMORY")
    next
  }
  gsub(/_/, "-", directive)
  if (!(directive in directives)) {
    wrong(name, "this redis has no directive \"" directive "\"" nearest(directive))
    next
  }
  if (directive == "daemonize" && tolower(value) != "no") {
    wrong(name, "redis runs in the foreground here: the container ends when it does")
    next
  }
  if (name !~ /__/) {
    if (directive in seen) {
      wrong(name, "says the same directive as " seen[directive] "; to repeat one, use lines of one value, or __2 at the name's end")
      next
    }
    seen[directive] = name
  }
  lines = split(value, part, "\001")
  while (lines > 1 && part[lines] ~ /^[ \t\r]*$/) lines--
  if (lines == 0) { lines = 1; part[1] = "" }
  config = config "# " name "\n"
  for (i = 1; i <= lines; i++) {
    sub(/\r$/, "", part[i])
    config = config directive " " (part[i] ~ /^[ \t]*$/ ? "\"\"" : part[i]) "\n"
  }
  next
}

# REDIS_MAXMEMORY would be ignored by redis: its writer meant REDIS_CONF_MAXMEMORY.
name ~ /^REDIS_[A-Za-z]/ {
  directive = tolower(substr(name, 7))
  gsub(/_/, "-", directive)
  if (from_kubernetes(name, value) || name in own) next
  if (directive in directives) wrong(name, "settings begin with REDIS_CONF_; write " variable(directive))
  else wrong(name, meant(name))
}

END {
  if (count) {
    printf "%s", problems > "/dev/stderr"
    exit 1
  }
  printf "# the image\nprotected-mode no\ndir /data\n%s", config
}
