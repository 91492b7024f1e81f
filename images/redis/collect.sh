# Collects what redis needs to run into a folder that becomes the image: binaries, their libraries,
# a shell, and for scanners and licences the record of each package that something came from.
out=$1
mkdir -p "$out/usr/bin" "$out/usr/sbin" "$out/usr/lib" "$out/usr/lib64" "$out/usr/local/bin" \
  "$out/usr/local/share/redis" "$out/etc" "$out/proc" "$out/sys" "$out/dev" "$out/var/lib/dpkg/status.d"
mkdir -m 1777 "$out/tmp"
for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$out/$dir"; done

cp -L /usr/bin/redis-server /usr/bin/redis-cli /usr/bin/redis-benchmark "$out/usr/local/bin/"
# One binary under three names, as upstream installs it.
ln -s redis-server "$out/usr/local/bin/redis-check-aof"
ln -s redis-server "$out/usr/local/bin/redis-check-rdb"
cp /usr/bin/flock "$out/usr/bin/"
cp "$(command -v busybox)" "$out/usr/bin/"
for applet in $(busybox --list); do
  [ -e "$out/usr/bin/$applet" ] || ln -s busybox "$out/usr/bin/$applet"
done

cd /opsctl
mkdir -p "$out/usr/local/lib"
install -m 755 redis-entrypoint redis-probe "$out/usr/local/bin/"
install -m 644 redis-volume.sh "$out/usr/local/lib/"
install -m 644 redis-config.awk redis-effective.awk "$out/usr/local/share/redis/"

libraries=$(ldd /usr/bin/redis-server /usr/bin/redis-cli /usr/bin/redis-benchmark /usr/bin/flock | grep -o '/[^ ]*\.so[^ ]*' | sort -u)
for library in $libraries; do cp -L --parents "$library" "$out"; done

echo 'root:x:0:0:root:/:/usr/sbin/nologin
redis:x:999:999:redis:/data:/bin/sh' > "$out/etc/passwd"
echo 'root:x:0:
redis:x:999:' > "$out/etc/group"
echo 'hosts: files dns' > "$out/etc/nsswitch.conf"
cp /etc/debian_version "$out/etc/"
cp -L /etc/os-release "$out/etc/"

# Libraries are looked up where they really lie: dpkg knows no path through the /lib link.
for file in /usr/bin/redis-cli /usr/bin/redis-check-rdb /usr/bin/flock $(command -v busybox) $libraries; do
  dpkg -S "$(readlink -f "$file")" 2>/dev/null || dpkg -S "$file" 2>/dev/null || dpkg -S "/usr$file"
done | cut -d: -f1 | sort -u | while read -r package; do
  dpkg-query -s "$package" > "$out/var/lib/dpkg/status.d/$package"
  mkdir -p "$out/usr/share/doc/$package"
  cp -L "/usr/share/doc/$package/copyright" "$out/usr/share/doc/$package/"
done

# What this redis can be told: its own list, and the four that CONFIG GET does not name.
redis-server --port 0 --unixsocket /tmp/collect.sock --save '' --daemonize yes > /dev/null
until redis-cli -s /tmp/collect.sock PING > /dev/null 2>&1; do sleep 0.1; done
{
  redis-cli -s /tmp/collect.sock CONFIG GET '*' | awk 'NR % 2' | tr _ -
  printf '%s\n' include loadmodule rename-command user
} | sort -u > "$out/usr/local/share/redis/directives"
redis-cli -s /tmp/collect.sock SHUTDOWN NOSAVE
