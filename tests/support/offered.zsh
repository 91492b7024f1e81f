# What zsh offers at the end of a line: a shell on a terminal of its own, in which Tab is pressed.
#   zsh -f offered.zsh FILE LOAD LINE     LOAD defines the completion; FILE is written, and read for the answer
zmodload zsh/zpty
file=$1 load=$2 line=$3
: > $file
zpty shell zsh -f -i
# Whoever adds matches adds them for us as well; calls that only ask (-O, -A, -D) are none.
zpty -w shell "
PROMPT= RPROMPT=; setopt no_beep
autoload -Uz compinit; compinit -u -D
compadd() {
  if (( \${@[(I)-[OAD]*]} )); then builtin compadd \"\$@\"; return; fi
  local -a hits
  builtin compadd -O hits \"\$@\"
  (( \$#hits )) && print -rl -- \$hits >> $file
  builtin compadd \"\$@\"
}
ended() { print -r -- '<end>' >> $file }
bindkey '^I' complete-word
$load
print -r -- '<loaded>' >> $file
"
await() { # WORD
  local tries=0
  until grep -q $1 $file; do
    (( tries++ < 1000 )) || { print -u2 \"$1\" did not come; exit 1 }
    zpty -r -t shell heard
    sleep 0.02
  done
}
await '<loaded>'
: > $file
zpty -w shell 'comppostfuncs=(ended)'
zpty -n -w shell $line$'\t'
await '<end>'
zpty -d shell
grep -v '<end>' $file
exit 0
