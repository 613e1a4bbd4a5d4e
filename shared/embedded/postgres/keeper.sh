# Runs Postgres for as long as anybody uses it. Arguments: home, "keep" or "discard", command...
#
# Every user holds the FIFO home/users open for writing. The kernel closes it for whoever is killed,
# so end of file means: nobody is left. A process that is killed with -9 leaves no orphan, and
# one that ends while others still use Postgres takes it from nobody.
home=$1
afterwards=$2
shift 2
trap '' INT TERM HUP
exec 3<"$home/users" >>"$home/postgres.log" 2>&1

stop=
postgres=
trap 'stop=1; [ -z "$postgres" ] || kill -INT "$postgres" 2>/dev/null' USR1

# Two reads: whoever joined between the end of the first and the removal of the FIFO is waited for
# by the second, and after the removal nobody can join.
(
  trap '' USR1
  cat <&3
  rm -f "$home/users"
  cat <&3
  kill -USR1 $$ || kill -INT "$(head -n 1 "$home/data/postmaster.pid")"
) >/dev/null &
watcher=$!

killed=0
while [ -z "$stop" ]; do
  "$@" </dev/null 3<&- &
  postgres=$!
  [ -z "$stop" ] || kill -INT "$postgres"
  status=0
  while kill -0 "$postgres" 2>/dev/null; do
    wait "$postgres"
    status=$?
  done
  [ -z "$stop" ] || break
  # A Postgres that was killed, or stopped by anybody else (0), comes back: it is still in use. Its
  # old children may need a moment to go, so a refusal right after that is tried again; every other
  # end is final.
  case $status in
  137 | 0) killed=50 ;;
  1) killed=$((killed - 1)) ;;
  *) killed=0 ;;
  esac
  [ "$killed" -gt 0 ] || break
  sleep 0.1
done

# Were it left behind, it would one day remove the list of a later keeper.
kill -9 "$watcher" 2>/dev/null
rm -f "$home/users"
[ "$afterwards" = keep ] || rm -rf "$home"
