# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_opsctl_global_optspecs
    string join \n p/profile= context= kubeconfig= o/output= q/quiet v/verbose dry-run y/yes no-input no-wait timeout= color= h/help V/version
end

function __fish_opsctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_opsctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_opsctl_using_subcommand
    set -l cmd (__fish_opsctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c opsctl -n "__fish_opsctl_needs_command" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_needs_command" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_needs_command" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_needs_command" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_needs_command" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_needs_command" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_needs_command" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_needs_command" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_needs_command" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_needs_command" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_needs_command" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_needs_command" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_needs_command" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_needs_command" -s V -l version -d 'Print version'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "up" -d 'Bring everything up: cluster, redis, info-cron, sample data'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "down" -d 'Remove everything again'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "status" -d 'Show all parts and their endpoints'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "minikube" -d 'The two-node cluster'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "redis" -d 'A redis master and its replica'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "info-cron" -d 'Print INFO replication every minute (alone: `up`)'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "dev-vars" -d 'Print the variables for this terminal: eval "$(opsctl dev-vars)"'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "election" -d 'One master among identical pods'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "web" -d 'A fleet of nginx behind a load balancer'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "peering" -d 'Peers that call one another, made by an operator'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "timestamps" -d 'An HTTP API that keeps timestamps in redis'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "undo" -d 'Undo the last run'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "history" -d 'List the runs'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "snapshots" -d 'Data saved before it was deleted or replaced'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "uninstall" -d 'Remove what `check --fix` installed, state and caches'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "bundle" -d 'Advanced: a minikube built from package registries'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "serve" -d 'Advanced: what runs in pods'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "redis-single" -d 'One redis pod with one volume'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "check" -d 'List all missing prerequisites, and the command that fixes each'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "minikube-up" -d '`minikube up`'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "minikube-down" -d '`minikube down`'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "redis-up" -d '`redis up`'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "redis-down" -d '`redis down`'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "redis-import" -d '`redis import`'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "redis-clean" -d '`redis clean`'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "info-cron-up" -d '`info-cron up`'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "info-cron-down" -d '`info-cron down`'
complete -c opsctl -n "__fish_opsctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -l nodes -d 'Number of nodes' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -l cpus -d 'CPUs of each node' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -l memory -d 'Memory of each node' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -l driver -d 'minikube driver' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -l discard-data -d 'Delete data even if it could not be saved as a snapshot'
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand status" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -f -a "up" -d 'Start or repair the cluster'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -f -a "down" -d 'Delete the cluster; the kubeconfig\'s former context becomes current again'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -f -a "status" -d 'Show the nodes'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and not __fish_seen_subcommand_from up down status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -l nodes -d 'Number of nodes' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -l cpus -d 'CPUs of each node' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -l memory -d 'Memory of each node' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -l driver -d 'minikube driver' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -l discard-data -d 'Delete data even if it could not be saved as a snapshot'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from help" -f -a "up" -d 'Start or repair the cluster'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from help" -f -a "down" -d 'Delete the cluster; the kubeconfig\'s former context becomes current again'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show the nodes'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -f -a "up" -d 'Master and replica, on separate nodes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -f -a "down" -d 'Remove both, the data too; a snapshot is saved for `undo`'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -f -a "status" -d 'Roles, link and lag, endpoints'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -f -a "verify" -d 'Prove that writes on the master reach the replica'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -f -a "import" -d 'Load data files'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -f -a "digest" -d 'One figure for all data: equal where the data is equal'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -f -a "clean" -d 'Delete all data; a snapshot is saved for `undo`'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -f -a "cli" -d 'Run redis-cli in the master\'s pod'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and not __fish_seen_subcommand_from up down status verify import digest clean cli help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -l discard-data -d 'Delete data even if it could not be saved as a snapshot'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -l disruptive -d 'Also delete both pods and prove that the data survived'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -l key -d 'The key of each record of CSV or JSON Lines, with its fields: \'user:{id}\'' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -l as -d 'What each record becomes: hash or string' -r -f -a "hash\t'A hash of its fields'
string\t'A string: the record as JSON'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -l skip-bad -d 'Leave out up to N wrong lines of each file, and write them to a file' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -l again -d 'Load files even if they were imported before'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from digest" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from clean" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from cli" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from help" -f -a "up" -d 'Master and replica, on separate nodes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from help" -f -a "down" -d 'Remove both, the data too; a snapshot is saved for `undo`'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from help" -f -a "status" -d 'Roles, link and lag, endpoints'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Prove that writes on the master reach the replica'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from help" -f -a "import" -d 'Load data files'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from help" -f -a "digest" -d 'One figure for all data: equal where the data is equal'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from help" -f -a "clean" -d 'Delete all data; a snapshot is saved for `undo`'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from help" -f -a "cli" -d 'Run redis-cli in the master\'s pod'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -f -a "up" -d 'Print INFO replication every minute, in the cluster'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -f -a "down" -d 'Remove it'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -f -a "logs" -d 'Show the output of past runs'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -f -a "run" -d 'Run it once, now'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and not __fish_seen_subcommand_from up down logs run help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Follow: print each new run as it ends'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from help" -f -a "up" -d 'Print INFO replication every minute, in the cluster'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from help" -f -a "down" -d 'Remove it'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from help" -f -a "logs" -d 'Show the output of past runs'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from help" -f -a "run" -d 'Run it once, now'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -l shell -d 'bash, zsh, sh, fish or powershell [default: detected]' -r -f -a "bash\t'bash'
zsh\t'zsh'
sh\t'sh, dash, ksh: anything POSIX'
fish\t'fish'
powershell\t'PowerShell'"
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -l unset -d 'Print the commands that unset them'
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand dev-vars" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -f -a "up" -d 'N identical pods, and a master that all of them agree on'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -f -a "down" -d 'Remove them, the data too; no snapshot is kept'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -f -a "status" -d 'Ask every pod who the master is; exit 1 unless all agree'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -f -a "drill" -d 'Break the master while clients write, and measure the effect'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and not __fish_seen_subcommand_from up down status drill help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -l replicas -d 'Number of pods [default: the present number, else 5]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -l sample -d 'What they run: redis (default) or web, a page that names the master' -r -f -a "redis\t'A redis under an elector'
web\t'An elector alone: its page names the master'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -l confirmations -d 'Replicas that must have a write before it counts [default: half of the pods]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -s w -l watch -d 'Print each change as it happens; Ctrl-C ends'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l fault -d 'Fault to inject; may be repeated. `all`, or one of: delete, kill, freeze, freeze-elector, freeze-redis, pause, unplug, partition, loss-5, loss-30, apiserver-kill, apiserver-away, lease-deleted' -r -f -a "all\t'Every fault'
delete\t'Its pod is deleted (SIGTERM)'
kill\t'Its container is killed (SIGKILL)'
freeze\t'Its elector and its redis are stopped, and resume later'
freeze-elector\t'Its elector alone is stopped'
freeze-redis\t'Its redis alone is stopped'
pause\t'Its node is paused'
unplug\t'Its node is disconnected from the network'
partition\t'It cannot reach the API server'
loss-5\t'5 % of its packets are lost, its API calls 50 ms late'
loss-30\t'30 % of its packets are lost, its API calls 200 ms late'
apiserver-kill\t'The API server is killed'
apiserver-away\t'The API server is unavailable'
lease-deleted\t'The Lease is deleted'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l rounds -d 'Rounds of each fault' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l hold -d 'How long a fault lasts, such as 8s [default: 10 s to 60 s, depending on the fault]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l writers -d 'Clients that write during the faults' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l restore -d 'Only undo what a killed drill left behind'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from drill" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from help" -f -a "up" -d 'N identical pods, and a master that all of them agree on'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from help" -f -a "down" -d 'Remove them, the data too; no snapshot is kept'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from help" -f -a "status" -d 'Ask every pod who the master is; exit 1 unless all agree'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from help" -f -a "drill" -d 'Break the master while clients write, and measure the effect'
complete -c opsctl -n "__fish_opsctl_using_subcommand election; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -f -a "up" -d 'A fleet of nginx behind a load balancer'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -f -a "down" -d 'Remove it'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -f -a "status" -d 'Ask every balancer and every nginx who is connected; exit 1 unless all agree'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -f -a "scale" -d 'Change the number of nginx'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -f -a "test" -d 'Load it while it is scaled and its pods die; exit 1 unless every request is answered'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -f -a "build" -d 'Build both images in Docker, for Docker alone'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and not __fish_seen_subcommand_from up down status scale test build help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -s w -l watch -d 'Print each change as it happens; Ctrl-C ends'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from scale" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l rate -d 'Requests per second, both nodes together' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l for -d 'How long' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l kept -d 'Percent of the requests over connections that are kept open; the others open one each' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l limit -d 'A request without its whole answer by then has failed' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l at -d 'Ask there instead of the page on every node, such as an address in front of them; may be repeated' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l calm -d 'Neither scale nor kill: the load alone'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from build" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from help" -f -a "up" -d 'A fleet of nginx behind a load balancer'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from help" -f -a "down" -d 'Remove it'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from help" -f -a "status" -d 'Ask every balancer and every nginx who is connected; exit 1 unless all agree'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from help" -f -a "scale" -d 'Change the number of nginx'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from help" -f -a "test" -d 'Load it while it is scaled and its pods die; exit 1 unless every request is answered'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from help" -f -a "build" -d 'Build both images in Docker, for Docker alone'
complete -c opsctl -n "__fish_opsctl_using_subcommand web; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -f -a "up" -d 'The definition, its operator, and a sample of peers'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -f -a "scale" -d 'Another number of peers'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -f -a "down" -d 'Remove all of it'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -f -a "status" -d 'Ask every peer whom it has a pong of; exit 1 unless of all'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and not __fish_seen_subcommand_from up scale down status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -l replicas -d 'Number of peers [default: the present number, else 5]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -l interval -d 'Time from one call of a peer to the next [default: the present one, else 10s]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from scale" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -s w -l watch -d 'Print each change as it happens; Ctrl-C ends'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from help" -f -a "up" -d 'The definition, its operator, and a sample of peers'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from help" -f -a "scale" -d 'Another number of peers'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from help" -f -a "down" -d 'Remove all of it'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from help" -f -a "status" -d 'Ask every peer whom it has a pong of; exit 1 unless of all'
complete -c opsctl -n "__fish_opsctl_using_subcommand peering; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -f -a "up" -d 'The API, with a redis on a volume'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -f -a "down" -d 'Remove both, the data too; no snapshot is kept'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -f -a "status" -d 'Its state, environment and address'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -f -a "rotate" -d 'New passwords of redis, without a restart or a failed request'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -f -a "smoke" -d 'Test a running API; exit 1 if an answer is not as it should be'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and not __fish_seen_subcommand_from up down status rotate smoke help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -l environment -d 'Whose settings: development, ci, production or elected [default: the present one, else development]' -r -f -a "development\t'A developer\'s own cluster'
ci\t'A pipeline'
production\t'Where it counts'
elected\t'A developer\'s own cluster, on the elected redis of `opsctl election up`'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from smoke" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from help" -f -a "up" -d 'The API, with a redis on a volume'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from help" -f -a "down" -d 'Remove both, the data too; no snapshot is kept'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from help" -f -a "status" -d 'Its state, environment and address'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'New passwords of redis, without a restart or a failed request'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from help" -f -a "smoke" -d 'Test a running API; exit 1 if an answer is not as it should be'
complete -c opsctl -n "__fish_opsctl_using_subcommand timestamps; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -l all -d 'Undo everything that opsctl created here'
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -l discard-data -d 'Delete data even if it could not be saved as a snapshot'
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand undo" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -l repair -d 'Set a damaged journal aside and keep its readable lines'
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand history" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -f -a "list" -d 'List them'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -f -a "restore" -d 'Replace the master\'s data with a snapshot; the old data is saved'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -f -a "prune" -d 'Keep the 5 newest, at most 2 GB'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and not __fish_seen_subcommand_from list restore prune help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from help" -f -a "list" -d 'List them'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Replace the master\'s data with a snapshot; the old data is saved'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from help" -f -a "prune" -d 'Keep the 5 newest, at most 2 GB'
complete -c opsctl -n "__fish_opsctl_using_subcommand snapshots; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand completions" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand uninstall" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -f -a "build" -d 'Build what is missing or outdated'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -f -a "status" -d 'Show the pieces'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -f -a "remove" -d 'Remove it'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and not __fish_seen_subcommand_from build status remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from build" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from help" -f -a "build" -d 'Build what is missing or outdated'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show the pieces'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove it'
complete -c opsctl -n "__fish_opsctl_using_subcommand bundle; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -f -a "election" -d 'Agree with the other pods on one leader, and run a service that knows its role'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -f -a "balancer" -d 'A load balancer: haproxy, whose servers follow who exists'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -f -a "nginx" -d 'A web server: nginx, which serves the list of those connected'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -f -a "peer" -d 'Answer GET /ping, and call the peers of a configuration, which may change at any time'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -f -a "operator" -d 'Make the pods of each Peering of a namespace, and what belongs to them'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -f -a "timestamps" -d 'An HTTP API that keeps named timestamps in redis; set up by variables `TIMESTAMPS_…`'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -f -a "witness" -d 'On a node: ask the electors named on standard input, without pause, who leads'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -f -a "delay" -d 'On a node: a proxy that forwards everything with a delay'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -f -a "install" -d 'Copy this program to a folder that the pod\'s containers share'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and not __fish_seen_subcommand_from election balancer nginx peer operator timestamps witness delay install help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l name -d 'The election: the name of its Lease' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l pod -d 'This pod\'s name' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l pod-uid -d 'This pod\'s UID' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l pod-ip -d 'This pod\'s address' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l peers -d 'The other pods: a label selector. Without it, nobody is asked before leading' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l peer-key -d 'A file with the secret that the pods share: nobody else can ask them to follow' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l lease -d 'How long the lease is valid' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l renew -d 'Time between two renewals' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l call -d 'Limit of each call to the API' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l demote -d 'Time limit for demoting the service; then it is killed' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l promote -d 'Time limit for promoting the service, failed tries included; then this pod ends, so that another can lead' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l unresponsive -d 'Kill a leading redis that has not answered for this long, so that another can lead' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l patience -d 'How long to wait for pods that do not answer' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l confirmations -d 'Replicas that confirm a write before it counts' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l listen -d 'Serve /master, /healthz, /readyz, /metrics and the page here' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l peer-listen -d 'The other pods ask here; the same port in each' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l redis -d 'The service is a redis on this port of this pod' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l on-leading -d 'On leading: `exec:COMMAND`, `signal:NAME` or `http://HOST:PORT/PATH` (a POST)' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l on-following -d 'On following a leader, likewise' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l on-idle -d 'On having no role, likewise: stop writing' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l endpoints -d 'An `EndpointSlice` that the leader keeps: SLICE=leader:PORT, =followers:PORT or =all:PORT' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l barrier -d 'Begin at the time that this file will hold (Unix, in milliseconds): for comparisons' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from election" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l members -d 'Where the servers are found: service:NAME (its `EndpointSlice`s) or dns:NAME:PORT' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l name -d 'This balancer\'s name' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l node -d 'This balancer\'s node' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l listen -d 'The port for requests' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l stats -d 'The port of the statistics page' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l list -d 'Tell who is connected here' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l slots -d 'Slots for servers to begin with; they double when they run out' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l every -d 'From one check of a server to the next' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l linger -d 'How long to serve on after being asked to stop: some nodes learn of it later' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l hard-stop -d 'How long a process of haproxy may go on after another one has taken over' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l threads -d 'Threads of haproxy' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l connections -d 'Connections at once' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l folder -d 'A folder that can be written to' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from balancer" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l list -d 'A balancer\'s list, as HOST:PORT; the first one that is heard counts' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l name -d 'This server\'s name' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l ip -d 'This server\'s address [default: the one that leads to the list]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l listen -d 'The port for requests' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l linger -d 'How long to serve on after being asked to stop, while the balancers send others elsewhere' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l folder -d 'A folder that can be written to' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from nginx" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -l name -d 'This peer\'s name [default: host name and port]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -l listen -d 'Serve /ping, /peers, /healthz, /readyz and /metrics here' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -l config -d 'The configuration: a file, read again whenever its content changes' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -l config-map -d 'The configuration: a `ConfigMap` of this namespace, watched' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from peer" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l namespace -d 'The namespace [default: this pod\'s, or the kubeconfig\'s]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l image -d 'The image of peers that name none [default: this pod\'s]' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l pod -d 'This pod\'s name' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l listen -d 'Serve /healthz and /metrics here' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l role-listen -d 'Take the role from the elector here: POST /role?role=leading' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l always -d 'Act without an elector that says so'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from operator" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -l settings -d 'Print the settings as the environment has them, secrets not shown, and end'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from timestamps" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from witness" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -l listen -d 'Address to listen on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -l to -d 'Address to forward to' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -l by -d 'The delay' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from delay" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from help" -f -a "election" -d 'Agree with the other pods on one leader, and run a service that knows its role'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from help" -f -a "balancer" -d 'A load balancer: haproxy, whose servers follow who exists'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from help" -f -a "nginx" -d 'A web server: nginx, which serves the list of those connected'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from help" -f -a "peer" -d 'Answer GET /ping, and call the peers of a configuration, which may change at any time'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from help" -f -a "operator" -d 'Make the pods of each Peering of a namespace, and what belongs to them'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from help" -f -a "timestamps" -d 'An HTTP API that keeps named timestamps in redis; set up by variables `TIMESTAMPS_…`'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from help" -f -a "witness" -d 'On a node: ask the electors named on standard input, without pause, who leads'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from help" -f -a "delay" -d 'On a node: a proxy that forwards everything with a delay'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from help" -f -a "install" -d 'Copy this program to a folder that the pod\'s containers share'
complete -c opsctl -n "__fish_opsctl_using_subcommand serve; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -f -a "up" -d 'One redis pod with one volume'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -f -a "down" -d 'Remove it, the data too; a snapshot is saved for `undo`'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -f -a "status" -d 'Its state and endpoints'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and not __fish_seen_subcommand_from up down status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -l discard-data -d 'Delete data even if it could not be saved as a snapshot'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from help" -f -a "up" -d 'One redis pod with one volume'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from help" -f -a "down" -d 'Remove it, the data too; a snapshot is saved for `undo`'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from help" -f -a "status" -d 'Its state and endpoints'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-single; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -l fix -d 'Fix what is safe to fix, after asking'
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand check" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -l nodes -d 'Number of nodes' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -l cpus -d 'CPUs of each node' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -l memory -d 'Memory of each node' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -l driver -d 'minikube driver' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -l discard-data -d 'Delete data even if it could not be saved as a snapshot'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand minikube-down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -l discard-data -d 'Delete data even if it could not be saved as a snapshot'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -l key -d 'The key of each record of CSV or JSON Lines, with its fields: \'user:{id}\'' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -l as -d 'What each record becomes: hash or string' -r -f -a "hash\t'A hash of its fields'
string\t'A string: the record as JSON'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -l skip-bad -d 'Leave out up to N wrong lines of each file, and write them to a file' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -l again -d 'Load files even if they were imported before'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-import" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand redis-clean" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-up" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -s p -l profile -d 'minikube profile to act on' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -l context -d 'Act on this context of the kubeconfig instead; hidden while every stack refuses it' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -l kubeconfig -d 'kubeconfig file' -r -F
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -s o -l output -d 'table, json, yaml or name' -r -f -a "table\t'For people'
json\t'One JSON document; `up` and `down` write one event a line'
yaml\t'The same document as YAML'
name\t'Names only, one a line'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -l timeout -d 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m' -r
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -l color -d 'Colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Always'
never\t'Never'"
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -s q -l quiet -d 'Print errors only'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -s v -l verbose -d 'Also print each step\'s command and the tools\' output'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -l dry-run -d 'Show what would be done, and change nothing'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -s y -l yes -d 'Answer every question with yes'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -l no-input -d 'Never ask; a question is an error'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -l no-wait -d 'Do not wait for what was applied'
complete -c opsctl -n "__fish_opsctl_using_subcommand info-cron-down" -s h -l help -d 'Print help'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "up" -d 'Bring everything up: cluster, redis, info-cron, sample data'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "down" -d 'Remove everything again'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "status" -d 'Show all parts and their endpoints'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "minikube" -d 'The two-node cluster'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "redis" -d 'A redis master and its replica'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "info-cron" -d 'Print INFO replication every minute (alone: `up`)'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "dev-vars" -d 'Print the variables for this terminal: eval "$(opsctl dev-vars)"'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "election" -d 'One master among identical pods'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "web" -d 'A fleet of nginx behind a load balancer'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "peering" -d 'Peers that call one another, made by an operator'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "timestamps" -d 'An HTTP API that keeps timestamps in redis'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "undo" -d 'Undo the last run'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "history" -d 'List the runs'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "snapshots" -d 'Data saved before it was deleted or replaced'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "uninstall" -d 'Remove what `check --fix` installed, state and caches'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "bundle" -d 'Advanced: a minikube built from package registries'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "serve" -d 'Advanced: what runs in pods'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "redis-single" -d 'One redis pod with one volume'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "check" -d 'List all missing prerequisites, and the command that fixes each'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "minikube-up" -d '`minikube up`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "minikube-down" -d '`minikube down`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "redis-up" -d '`redis up`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "redis-down" -d '`redis down`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "redis-import" -d '`redis import`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "redis-clean" -d '`redis clean`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "info-cron-up" -d '`info-cron up`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "info-cron-down" -d '`info-cron down`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and not __fish_seen_subcommand_from up down status minikube redis info-cron dev-vars election web peering timestamps undo history snapshots completions uninstall bundle serve redis-single check minikube-up minikube-down redis-up redis-down redis-import redis-clean info-cron-up info-cron-down help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from minikube" -f -a "up" -d 'Start or repair the cluster'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from minikube" -f -a "down" -d 'Delete the cluster; the kubeconfig\'s former context becomes current again'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from minikube" -f -a "status" -d 'Show the nodes'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from redis" -f -a "up" -d 'Master and replica, on separate nodes'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from redis" -f -a "down" -d 'Remove both, the data too; a snapshot is saved for `undo`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from redis" -f -a "status" -d 'Roles, link and lag, endpoints'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from redis" -f -a "verify" -d 'Prove that writes on the master reach the replica'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from redis" -f -a "import" -d 'Load data files'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from redis" -f -a "digest" -d 'One figure for all data: equal where the data is equal'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from redis" -f -a "clean" -d 'Delete all data; a snapshot is saved for `undo`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from redis" -f -a "cli" -d 'Run redis-cli in the master\'s pod'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from info-cron" -f -a "up" -d 'Print INFO replication every minute, in the cluster'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from info-cron" -f -a "down" -d 'Remove it'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from info-cron" -f -a "logs" -d 'Show the output of past runs'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from info-cron" -f -a "run" -d 'Run it once, now'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from election" -f -a "up" -d 'N identical pods, and a master that all of them agree on'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from election" -f -a "down" -d 'Remove them, the data too; no snapshot is kept'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from election" -f -a "status" -d 'Ask every pod who the master is; exit 1 unless all agree'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from election" -f -a "drill" -d 'Break the master while clients write, and measure the effect'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from web" -f -a "up" -d 'A fleet of nginx behind a load balancer'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from web" -f -a "down" -d 'Remove it'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from web" -f -a "status" -d 'Ask every balancer and every nginx who is connected; exit 1 unless all agree'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from web" -f -a "scale" -d 'Change the number of nginx'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from web" -f -a "test" -d 'Load it while it is scaled and its pods die; exit 1 unless every request is answered'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from web" -f -a "build" -d 'Build both images in Docker, for Docker alone'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from peering" -f -a "up" -d 'The definition, its operator, and a sample of peers'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from peering" -f -a "scale" -d 'Another number of peers'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from peering" -f -a "down" -d 'Remove all of it'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from peering" -f -a "status" -d 'Ask every peer whom it has a pong of; exit 1 unless of all'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from timestamps" -f -a "up" -d 'The API, with a redis on a volume'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from timestamps" -f -a "down" -d 'Remove both, the data too; no snapshot is kept'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from timestamps" -f -a "status" -d 'Its state, environment and address'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from timestamps" -f -a "rotate" -d 'New passwords of redis, without a restart or a failed request'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from timestamps" -f -a "smoke" -d 'Test a running API; exit 1 if an answer is not as it should be'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from snapshots" -f -a "list" -d 'List them'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from snapshots" -f -a "restore" -d 'Replace the master\'s data with a snapshot; the old data is saved'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from snapshots" -f -a "prune" -d 'Keep the 5 newest, at most 2 GB'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from bundle" -f -a "build" -d 'Build what is missing or outdated'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from bundle" -f -a "status" -d 'Show the pieces'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from bundle" -f -a "remove" -d 'Remove it'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from serve" -f -a "election" -d 'Agree with the other pods on one leader, and run a service that knows its role'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from serve" -f -a "balancer" -d 'A load balancer: haproxy, whose servers follow who exists'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from serve" -f -a "nginx" -d 'A web server: nginx, which serves the list of those connected'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from serve" -f -a "peer" -d 'Answer GET /ping, and call the peers of a configuration, which may change at any time'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from serve" -f -a "operator" -d 'Make the pods of each Peering of a namespace, and what belongs to them'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from serve" -f -a "timestamps" -d 'An HTTP API that keeps named timestamps in redis; set up by variables `TIMESTAMPS_…`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from serve" -f -a "witness" -d 'On a node: ask the electors named on standard input, without pause, who leads'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from serve" -f -a "delay" -d 'On a node: a proxy that forwards everything with a delay'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from serve" -f -a "install" -d 'Copy this program to a folder that the pod\'s containers share'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from redis-single" -f -a "up" -d 'One redis pod with one volume'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from redis-single" -f -a "down" -d 'Remove it, the data too; a snapshot is saved for `undo`'
complete -c opsctl -n "__fish_opsctl_using_subcommand help; and __fish_seen_subcommand_from redis-single" -f -a "status" -d 'Its state and endpoints'
