# For interactive shells of learners. The home directory starts empty, so everything that makes the shell pleasant
# is here. Images add their own in /etc/bash.bashrc.d/.

[[ $- == *i* ]] || return

PS1='learner@${GRADUS_LESSON:-gradus}:\w\$ '
PS2='> '

export LANG="${LANG:-C.UTF-8}" EDITOR=nano PAGER=less LESS=-FRX LESSHISTFILE=-

HISTFILE="$HOME/.bash_history"
HISTSIZE=2000
HISTFILESIZE=2000
HISTCONTROL=ignoreboth
# Written after each command, so that a second terminal and the next session find it.
PROMPT_COMMAND='history -a'
shopt -s histappend checkwinsize

alias ls='ls --color=auto'
alias grep='grep --color=auto'
alias ll='ls -lh'
export GREP_COLORS='mt=01;31'

for extra in /etc/bash.bashrc.d/*.sh; do
    [[ ! -r $extra ]] || . "$extra"
done
unset extra
