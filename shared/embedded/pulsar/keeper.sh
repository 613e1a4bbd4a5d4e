# Runs Pulsar for as long as anybody uses it. Arguments: home, "keep" or "discard", command...
#
# Every user holds the FIFO home/users open for writing. The kernel closes it for whoever is killed,
# so end of file means: nobody is left, and Pulsar leaves no orphan.
home=$1
afterwards=$2
shift 2
# Caught and not ignored: Java never hears a signal that was ignored when it started.
trap : INT TERM HUP
cd "$home" && exec 3<users >>pulsar.log 2>&1 || exit 1

"$@" </dev/null 3<&- &
pulsar=$!
echo "$pulsar" >pulsar.pid

# Two reads: whoever joined between the end of the first and the renaming is waited for by the
# second, and after it nobody can join. By its new name the next founder sees that this one still
# stops, and waits.
(
  trap '' INT TERM HUP
  cat <&3
  mv users leaving
  cat <&3
  kill -TERM "$pulsar"
  left=20
  while [ "$left" -gt 0 ] && kill -0 "$pulsar"; do
    sleep 1
    left=$((left - 1))
  done
  kill -KILL "$pulsar"
) >/dev/null 2>&1 &
watcher=$!

while kill -0 "$pulsar" 2>/dev/null; do
  wait "$pulsar"
done

# Were it left behind, it would one day take the list of a later keeper.
kill -9 "$watcher" 2>/dev/null
rm -f address.json pulsar.pid
[ "$afterwards" = keep ] || rm -rf data standalone.conf pulsar.log
[ -e leaving ] || rm -f users
rm -f leaving
[ "$afterwards" = keep ] || rmdir "$home" 2>/dev/null
