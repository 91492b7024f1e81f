# Where the data is and what is known about it. Read by redis-entrypoint and redis-probe.
data=/data
aof=appendonlydir/appendonly.aof.manifest
# What the entrypoint found to hold, of all settings and wherever they stand.
effective=/dev/shm/redis-effective-${REDIS_CONF_PORT:-6379}
# shellcheck source=/dev/null
[ ! -r "$effective" ] || . "$effective"
marker=$data/.redis-volume
guard=${REDIS_VOLUME_GUARD:-on}
# There once the redis of this container was ready; in memory, and writable also where the root is not.
was_ready=/dev/shm/redis-was-ready-${REDIS_CONF_PORT:-6379}

# Says on the volume itself that it holds data: written once, when an append-only file is there.
mark_volume() {
  [ "$guard" != off ] && [ -e "$data/$aof" ] || return 0
  [ "$(head -n 1 "$marker" 2>/dev/null)" = holds-data ] && return 0
  { printf 'holds-data\nredis refuses to start here without its append-only file: docs/redis-image.md\n' > "$marker.new" \
    && mv -f "$marker.new" "$marker"; } 2>/dev/null || echo "redis: could not write $marker" >&2
}
