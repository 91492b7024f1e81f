
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'opsctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'opsctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'opsctl' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Bring everything up: cluster, redis, info-cron, sample data')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove everything again')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show all parts and their endpoints')
            [CompletionResult]::new('minikube', 'minikube', [CompletionResultType]::ParameterValue, 'The two-node cluster')
            [CompletionResult]::new('redis', 'redis', [CompletionResultType]::ParameterValue, 'A redis master and its replica')
            [CompletionResult]::new('info-cron', 'info-cron', [CompletionResultType]::ParameterValue, 'Print INFO replication every minute (alone: `up`)')
            [CompletionResult]::new('dev-vars', 'dev-vars', [CompletionResultType]::ParameterValue, 'Print the variables for this terminal: eval "$(opsctl dev-vars)"')
            [CompletionResult]::new('election', 'election', [CompletionResultType]::ParameterValue, 'One master among identical pods')
            [CompletionResult]::new('web', 'web', [CompletionResultType]::ParameterValue, 'A fleet of nginx behind a load balancer')
            [CompletionResult]::new('peering', 'peering', [CompletionResultType]::ParameterValue, 'Peers that call one another, made by an operator')
            [CompletionResult]::new('timestamps', 'timestamps', [CompletionResultType]::ParameterValue, 'An HTTP API that keeps timestamps in redis')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Undo the last run')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'List the runs')
            [CompletionResult]::new('snapshots', 'snapshots', [CompletionResultType]::ParameterValue, 'Data saved before it was deleted or replaced')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Remove what `check --fix` installed, state and caches')
            [CompletionResult]::new('bundle', 'bundle', [CompletionResultType]::ParameterValue, 'Advanced: a minikube built from package registries')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Advanced: what runs in pods')
            [CompletionResult]::new('redis-single', 'redis-single', [CompletionResultType]::ParameterValue, 'One redis pod with one volume')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'List all missing prerequisites, and the command that fixes each')
            [CompletionResult]::new('minikube-up', 'minikube-up', [CompletionResultType]::ParameterValue, '`minikube up`')
            [CompletionResult]::new('minikube-down', 'minikube-down', [CompletionResultType]::ParameterValue, '`minikube down`')
            [CompletionResult]::new('redis-up', 'redis-up', [CompletionResultType]::ParameterValue, '`redis up`')
            [CompletionResult]::new('redis-down', 'redis-down', [CompletionResultType]::ParameterValue, '`redis down`')
            [CompletionResult]::new('redis-import', 'redis-import', [CompletionResultType]::ParameterValue, '`redis import`')
            [CompletionResult]::new('redis-clean', 'redis-clean', [CompletionResultType]::ParameterValue, '`redis clean`')
            [CompletionResult]::new('info-cron-up', 'info-cron-up', [CompletionResultType]::ParameterValue, '`info-cron up`')
            [CompletionResult]::new('info-cron-down', 'info-cron-down', [CompletionResultType]::ParameterValue, '`info-cron down`')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;up' {
            [CompletionResult]::new('--nodes', '--nodes', [CompletionResultType]::ParameterName, 'Number of nodes')
            [CompletionResult]::new('--cpus', '--cpus', [CompletionResultType]::ParameterName, 'CPUs of each node')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory of each node')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'minikube driver')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--discard-data', '--discard-data', [CompletionResultType]::ParameterName, 'Delete data even if it could not be saved as a snapshot')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;status' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;minikube' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Start or repair the cluster')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Delete the cluster; the kubeconfig''s former context becomes current again')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the nodes')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;minikube;up' {
            [CompletionResult]::new('--nodes', '--nodes', [CompletionResultType]::ParameterName, 'Number of nodes')
            [CompletionResult]::new('--cpus', '--cpus', [CompletionResultType]::ParameterName, 'CPUs of each node')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory of each node')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'minikube driver')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;minikube;down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--discard-data', '--discard-data', [CompletionResultType]::ParameterName, 'Delete data even if it could not be saved as a snapshot')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;minikube;status' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;minikube;help' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Start or repair the cluster')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Delete the cluster; the kubeconfig''s former context becomes current again')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the nodes')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;minikube;help;up' {
            break
        }
        'opsctl;minikube;help;down' {
            break
        }
        'opsctl;minikube;help;status' {
            break
        }
        'opsctl;minikube;help;help' {
            break
        }
        'opsctl;redis' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Master and replica, on separate nodes')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove both, the data too; a snapshot is saved for `undo`')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Roles, link and lag, endpoints')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Prove that writes on the master reach the replica')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Load data files')
            [CompletionResult]::new('digest', 'digest', [CompletionResultType]::ParameterValue, 'One figure for all data: equal where the data is equal')
            [CompletionResult]::new('clean', 'clean', [CompletionResultType]::ParameterValue, 'Delete all data; a snapshot is saved for `undo`')
            [CompletionResult]::new('cli', 'cli', [CompletionResultType]::ParameterValue, 'Run redis-cli in the master''s pod')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;redis;up' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis;down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--discard-data', '--discard-data', [CompletionResultType]::ParameterName, 'Delete data even if it could not be saved as a snapshot')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis;status' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis;verify' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--disruptive', '--disruptive', [CompletionResultType]::ParameterName, 'Also delete both pods and prove that the data survived')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis;import' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key of each record of CSV or JSON Lines, with its fields: ''user:{id}''')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'What each record becomes: hash or string')
            [CompletionResult]::new('--skip-bad', '--skip-bad', [CompletionResultType]::ParameterName, 'Leave out up to N wrong lines of each file, and write them to a file')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--again', '--again', [CompletionResultType]::ParameterName, 'Load files even if they were imported before')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis;digest' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis;clean' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis;cli' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis;help' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Master and replica, on separate nodes')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove both, the data too; a snapshot is saved for `undo`')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Roles, link and lag, endpoints')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Prove that writes on the master reach the replica')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Load data files')
            [CompletionResult]::new('digest', 'digest', [CompletionResultType]::ParameterValue, 'One figure for all data: equal where the data is equal')
            [CompletionResult]::new('clean', 'clean', [CompletionResultType]::ParameterValue, 'Delete all data; a snapshot is saved for `undo`')
            [CompletionResult]::new('cli', 'cli', [CompletionResultType]::ParameterValue, 'Run redis-cli in the master''s pod')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;redis;help;up' {
            break
        }
        'opsctl;redis;help;down' {
            break
        }
        'opsctl;redis;help;status' {
            break
        }
        'opsctl;redis;help;verify' {
            break
        }
        'opsctl;redis;help;import' {
            break
        }
        'opsctl;redis;help;digest' {
            break
        }
        'opsctl;redis;help;clean' {
            break
        }
        'opsctl;redis;help;cli' {
            break
        }
        'opsctl;redis;help;help' {
            break
        }
        'opsctl;info-cron' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Print INFO replication every minute, in the cluster')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove it')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Show the output of past runs')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run it once, now')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;info-cron;up' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;info-cron;down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;info-cron;logs' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Follow: print each new run as it ends')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Follow: print each new run as it ends')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;info-cron;run' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;info-cron;help' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Print INFO replication every minute, in the cluster')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove it')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Show the output of past runs')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run it once, now')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;info-cron;help;up' {
            break
        }
        'opsctl;info-cron;help;down' {
            break
        }
        'opsctl;info-cron;help;logs' {
            break
        }
        'opsctl;info-cron;help;run' {
            break
        }
        'opsctl;info-cron;help;help' {
            break
        }
        'opsctl;dev-vars' {
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'bash, zsh, sh, fish or powershell [default: detected]')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--unset', '--unset', [CompletionResultType]::ParameterName, 'Print the commands that unset them')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;election' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'N identical pods, and a master that all of them agree on')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove them, the data too; no snapshot is kept')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask every pod who the master is; exit 1 unless all agree')
            [CompletionResult]::new('drill', 'drill', [CompletionResultType]::ParameterValue, 'Break the master while clients write, and measure the effect')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;election;up' {
            [CompletionResult]::new('--replicas', '--replicas', [CompletionResultType]::ParameterName, 'Number of pods [default: the present number, else 5]')
            [CompletionResult]::new('--sample', '--sample', [CompletionResultType]::ParameterName, 'What they run: redis (default) or web, a page that names the master')
            [CompletionResult]::new('--confirmations', '--confirmations', [CompletionResultType]::ParameterName, 'Replicas that must have a write before it counts [default: half of the pods]')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;election;down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;election;status' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Print each change as it happens; Ctrl-C ends')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Print each change as it happens; Ctrl-C ends')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;election;drill' {
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Fault to inject; may be repeated. `all`, or one of: delete, kill, freeze, freeze-elector, freeze-redis, pause, unplug, partition, loss-5, loss-30, apiserver-kill, apiserver-away, lease-deleted')
            [CompletionResult]::new('--rounds', '--rounds', [CompletionResultType]::ParameterName, 'Rounds of each fault')
            [CompletionResult]::new('--hold', '--hold', [CompletionResultType]::ParameterName, 'How long a fault lasts, such as 8s [default: 10 s to 60 s, depending on the fault]')
            [CompletionResult]::new('--writers', '--writers', [CompletionResultType]::ParameterName, 'Clients that write during the faults')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--restore', '--restore', [CompletionResultType]::ParameterName, 'Only undo what a killed drill left behind')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;election;help' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'N identical pods, and a master that all of them agree on')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove them, the data too; no snapshot is kept')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask every pod who the master is; exit 1 unless all agree')
            [CompletionResult]::new('drill', 'drill', [CompletionResultType]::ParameterValue, 'Break the master while clients write, and measure the effect')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;election;help;up' {
            break
        }
        'opsctl;election;help;down' {
            break
        }
        'opsctl;election;help;status' {
            break
        }
        'opsctl;election;help;drill' {
            break
        }
        'opsctl;election;help;help' {
            break
        }
        'opsctl;web' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'A fleet of nginx behind a load balancer')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask every balancer and every nginx who is connected; exit 1 unless all agree')
            [CompletionResult]::new('scale', 'scale', [CompletionResultType]::ParameterValue, 'Change the number of nginx')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Load it while it is scaled and its pods die; exit 1 unless every request is answered')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build both images in Docker, for Docker alone')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;web;up' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;web;down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;web;status' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Print each change as it happens; Ctrl-C ends')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Print each change as it happens; Ctrl-C ends')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;web;scale' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;web;test' {
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Requests per second, both nodes together')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'How long')
            [CompletionResult]::new('--kept', '--kept', [CompletionResultType]::ParameterName, 'Percent of the requests over connections that are kept open; the others open one each')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'A request without its whole answer by then has failed')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Ask there instead of the page on every node, such as an address in front of them; may be repeated')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--calm', '--calm', [CompletionResultType]::ParameterName, 'Neither scale nor kill: the load alone')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;web;build' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;web;help' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'A fleet of nginx behind a load balancer')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask every balancer and every nginx who is connected; exit 1 unless all agree')
            [CompletionResult]::new('scale', 'scale', [CompletionResultType]::ParameterValue, 'Change the number of nginx')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Load it while it is scaled and its pods die; exit 1 unless every request is answered')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build both images in Docker, for Docker alone')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;web;help;up' {
            break
        }
        'opsctl;web;help;down' {
            break
        }
        'opsctl;web;help;status' {
            break
        }
        'opsctl;web;help;scale' {
            break
        }
        'opsctl;web;help;test' {
            break
        }
        'opsctl;web;help;build' {
            break
        }
        'opsctl;web;help;help' {
            break
        }
        'opsctl;peering' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'The definition, its operator, and a sample of peers')
            [CompletionResult]::new('scale', 'scale', [CompletionResultType]::ParameterValue, 'Another number of peers')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove all of it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask every peer whom it has a pong of; exit 1 unless of all')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;peering;up' {
            [CompletionResult]::new('--replicas', '--replicas', [CompletionResultType]::ParameterName, 'Number of peers [default: the present number, else 5]')
            [CompletionResult]::new('--interval', '--interval', [CompletionResultType]::ParameterName, 'Time from one call of a peer to the next [default: the present one, else 10s]')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;peering;scale' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;peering;down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;peering;status' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Print each change as it happens; Ctrl-C ends')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Print each change as it happens; Ctrl-C ends')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;peering;help' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'The definition, its operator, and a sample of peers')
            [CompletionResult]::new('scale', 'scale', [CompletionResultType]::ParameterValue, 'Another number of peers')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove all of it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask every peer whom it has a pong of; exit 1 unless of all')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;peering;help;up' {
            break
        }
        'opsctl;peering;help;scale' {
            break
        }
        'opsctl;peering;help;down' {
            break
        }
        'opsctl;peering;help;status' {
            break
        }
        'opsctl;peering;help;help' {
            break
        }
        'opsctl;timestamps' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'The API, with a redis on a volume')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove both, the data too; no snapshot is kept')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Its state, environment and address')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'New passwords of redis, without a restart or a failed request')
            [CompletionResult]::new('smoke', 'smoke', [CompletionResultType]::ParameterValue, 'Test a running API; exit 1 if an answer is not as it should be')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;timestamps;up' {
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'Whose settings: development, ci, production or elected [default: the present one, else development]')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;timestamps;down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;timestamps;status' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;timestamps;rotate' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;timestamps;smoke' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;timestamps;help' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'The API, with a redis on a volume')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove both, the data too; no snapshot is kept')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Its state, environment and address')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'New passwords of redis, without a restart or a failed request')
            [CompletionResult]::new('smoke', 'smoke', [CompletionResultType]::ParameterValue, 'Test a running API; exit 1 if an answer is not as it should be')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;timestamps;help;up' {
            break
        }
        'opsctl;timestamps;help;down' {
            break
        }
        'opsctl;timestamps;help;status' {
            break
        }
        'opsctl;timestamps;help;rotate' {
            break
        }
        'opsctl;timestamps;help;smoke' {
            break
        }
        'opsctl;timestamps;help;help' {
            break
        }
        'opsctl;undo' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Undo everything that opsctl created here')
            [CompletionResult]::new('--discard-data', '--discard-data', [CompletionResultType]::ParameterName, 'Delete data even if it could not be saved as a snapshot')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;history' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--repair', '--repair', [CompletionResultType]::ParameterName, 'Set a damaged journal aside and keep its readable lines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;snapshots' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List them')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Replace the master''s data with a snapshot; the old data is saved')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Keep the 5 newest, at most 2 GB')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;snapshots;list' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;snapshots;restore' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;snapshots;prune' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;snapshots;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List them')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Replace the master''s data with a snapshot; the old data is saved')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Keep the 5 newest, at most 2 GB')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;snapshots;help;list' {
            break
        }
        'opsctl;snapshots;help;restore' {
            break
        }
        'opsctl;snapshots;help;prune' {
            break
        }
        'opsctl;snapshots;help;help' {
            break
        }
        'opsctl;completions' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;uninstall' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;bundle' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build what is missing or outdated')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the pieces')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;bundle;build' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;bundle;status' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;bundle;remove' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;bundle;help' {
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build what is missing or outdated')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the pieces')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;bundle;help;build' {
            break
        }
        'opsctl;bundle;help;status' {
            break
        }
        'opsctl;bundle;help;remove' {
            break
        }
        'opsctl;bundle;help;help' {
            break
        }
        'opsctl;serve' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('election', 'election', [CompletionResultType]::ParameterValue, 'Agree with the other pods on one leader, and run a service that knows its role')
            [CompletionResult]::new('balancer', 'balancer', [CompletionResultType]::ParameterValue, 'A load balancer: haproxy, whose servers follow who exists')
            [CompletionResult]::new('nginx', 'nginx', [CompletionResultType]::ParameterValue, 'A web server: nginx, which serves the list of those connected')
            [CompletionResult]::new('peer', 'peer', [CompletionResultType]::ParameterValue, 'Answer GET /ping, and call the peers of a configuration, which may change at any time')
            [CompletionResult]::new('operator', 'operator', [CompletionResultType]::ParameterValue, 'Make the pods of each Peering of a namespace, and what belongs to them')
            [CompletionResult]::new('timestamps', 'timestamps', [CompletionResultType]::ParameterValue, 'An HTTP API that keeps named timestamps in redis; set up by variables `TIMESTAMPS_…`')
            [CompletionResult]::new('witness', 'witness', [CompletionResultType]::ParameterValue, 'On a node: ask the electors named on standard input, without pause, who leads')
            [CompletionResult]::new('delay', 'delay', [CompletionResultType]::ParameterValue, 'On a node: a proxy that forwards everything with a delay')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Copy this program to a folder that the pod''s containers share')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;serve;election' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The election: the name of its Lease')
            [CompletionResult]::new('--pod', '--pod', [CompletionResultType]::ParameterName, 'This pod''s name')
            [CompletionResult]::new('--pod-uid', '--pod-uid', [CompletionResultType]::ParameterName, 'This pod''s UID')
            [CompletionResult]::new('--pod-ip', '--pod-ip', [CompletionResultType]::ParameterName, 'This pod''s address')
            [CompletionResult]::new('--peers', '--peers', [CompletionResultType]::ParameterName, 'The other pods: a label selector. Without it, nobody is asked before leading')
            [CompletionResult]::new('--peer-key', '--peer-key', [CompletionResultType]::ParameterName, 'A file with the secret that the pods share: nobody else can ask them to follow')
            [CompletionResult]::new('--lease', '--lease', [CompletionResultType]::ParameterName, 'How long the lease is valid')
            [CompletionResult]::new('--renew', '--renew', [CompletionResultType]::ParameterName, 'Time between two renewals')
            [CompletionResult]::new('--call', '--call', [CompletionResultType]::ParameterName, 'Limit of each call to the API')
            [CompletionResult]::new('--demote', '--demote', [CompletionResultType]::ParameterName, 'Time limit for demoting the service; then it is killed')
            [CompletionResult]::new('--promote', '--promote', [CompletionResultType]::ParameterName, 'Time limit for promoting the service, failed tries included; then this pod ends, so that another can lead')
            [CompletionResult]::new('--unresponsive', '--unresponsive', [CompletionResultType]::ParameterName, 'Kill a leading redis that has not answered for this long, so that another can lead')
            [CompletionResult]::new('--patience', '--patience', [CompletionResultType]::ParameterName, 'How long to wait for pods that do not answer')
            [CompletionResult]::new('--confirmations', '--confirmations', [CompletionResultType]::ParameterName, 'Replicas that confirm a write before it counts')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Serve /master, /healthz, /readyz, /metrics and the page here')
            [CompletionResult]::new('--peer-listen', '--peer-listen', [CompletionResultType]::ParameterName, 'The other pods ask here; the same port in each')
            [CompletionResult]::new('--redis', '--redis', [CompletionResultType]::ParameterName, 'The service is a redis on this port of this pod')
            [CompletionResult]::new('--on-leading', '--on-leading', [CompletionResultType]::ParameterName, 'On leading: `exec:COMMAND`, `signal:NAME` or `http://HOST:PORT/PATH` (a POST)')
            [CompletionResult]::new('--on-following', '--on-following', [CompletionResultType]::ParameterName, 'On following a leader, likewise')
            [CompletionResult]::new('--on-idle', '--on-idle', [CompletionResultType]::ParameterName, 'On having no role, likewise: stop writing')
            [CompletionResult]::new('--endpoints', '--endpoints', [CompletionResultType]::ParameterName, 'An `EndpointSlice` that the leader keeps: SLICE=leader:PORT, =followers:PORT or =all:PORT')
            [CompletionResult]::new('--barrier', '--barrier', [CompletionResultType]::ParameterName, 'Begin at the time that this file will hold (Unix, in milliseconds): for comparisons')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;serve;balancer' {
            [CompletionResult]::new('--members', '--members', [CompletionResultType]::ParameterName, 'Where the servers are found: service:NAME (its `EndpointSlice`s) or dns:NAME:PORT')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'This balancer''s name')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'This balancer''s node')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'The port for requests')
            [CompletionResult]::new('--stats', '--stats', [CompletionResultType]::ParameterName, 'The port of the statistics page')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'Tell who is connected here')
            [CompletionResult]::new('--slots', '--slots', [CompletionResultType]::ParameterName, 'Slots for servers to begin with; they double when they run out')
            [CompletionResult]::new('--every', '--every', [CompletionResultType]::ParameterName, 'From one check of a server to the next')
            [CompletionResult]::new('--linger', '--linger', [CompletionResultType]::ParameterName, 'How long to serve on after being asked to stop: some nodes learn of it later')
            [CompletionResult]::new('--hard-stop', '--hard-stop', [CompletionResultType]::ParameterName, 'How long a process of haproxy may go on after another one has taken over')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Threads of haproxy')
            [CompletionResult]::new('--connections', '--connections', [CompletionResultType]::ParameterName, 'Connections at once')
            [CompletionResult]::new('--folder', '--folder', [CompletionResultType]::ParameterName, 'A folder that can be written to')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;serve;nginx' {
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'A balancer''s list, as HOST:PORT; the first one that is heard counts')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'This server''s name')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'This server''s address [default: the one that leads to the list]')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'The port for requests')
            [CompletionResult]::new('--linger', '--linger', [CompletionResultType]::ParameterName, 'How long to serve on after being asked to stop, while the balancers send others elsewhere')
            [CompletionResult]::new('--folder', '--folder', [CompletionResultType]::ParameterName, 'A folder that can be written to')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;serve;peer' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'This peer''s name [default: host name and port]')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Serve /ping, /peers, /healthz, /readyz and /metrics here')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration: a file, read again whenever its content changes')
            [CompletionResult]::new('--config-map', '--config-map', [CompletionResultType]::ParameterName, 'The configuration: a `ConfigMap` of this namespace, watched')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;serve;operator' {
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The namespace [default: this pod''s, or the kubeconfig''s]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'The image of peers that name none [default: this pod''s]')
            [CompletionResult]::new('--pod', '--pod', [CompletionResultType]::ParameterName, 'This pod''s name')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Serve /healthz and /metrics here')
            [CompletionResult]::new('--role-listen', '--role-listen', [CompletionResultType]::ParameterName, 'Take the role from the elector here: POST /role?role=leading')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--always', '--always', [CompletionResultType]::ParameterName, 'Act without an elector that says so')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;serve;timestamps' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--settings', '--settings', [CompletionResultType]::ParameterName, 'Print the settings as the environment has them, secrets not shown, and end')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;serve;witness' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;serve;delay' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address to listen on')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Address to forward to')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'The delay')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;serve;install' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;serve;help' {
            [CompletionResult]::new('election', 'election', [CompletionResultType]::ParameterValue, 'Agree with the other pods on one leader, and run a service that knows its role')
            [CompletionResult]::new('balancer', 'balancer', [CompletionResultType]::ParameterValue, 'A load balancer: haproxy, whose servers follow who exists')
            [CompletionResult]::new('nginx', 'nginx', [CompletionResultType]::ParameterValue, 'A web server: nginx, which serves the list of those connected')
            [CompletionResult]::new('peer', 'peer', [CompletionResultType]::ParameterValue, 'Answer GET /ping, and call the peers of a configuration, which may change at any time')
            [CompletionResult]::new('operator', 'operator', [CompletionResultType]::ParameterValue, 'Make the pods of each Peering of a namespace, and what belongs to them')
            [CompletionResult]::new('timestamps', 'timestamps', [CompletionResultType]::ParameterValue, 'An HTTP API that keeps named timestamps in redis; set up by variables `TIMESTAMPS_…`')
            [CompletionResult]::new('witness', 'witness', [CompletionResultType]::ParameterValue, 'On a node: ask the electors named on standard input, without pause, who leads')
            [CompletionResult]::new('delay', 'delay', [CompletionResultType]::ParameterValue, 'On a node: a proxy that forwards everything with a delay')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Copy this program to a folder that the pod''s containers share')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;serve;help;election' {
            break
        }
        'opsctl;serve;help;balancer' {
            break
        }
        'opsctl;serve;help;nginx' {
            break
        }
        'opsctl;serve;help;peer' {
            break
        }
        'opsctl;serve;help;operator' {
            break
        }
        'opsctl;serve;help;timestamps' {
            break
        }
        'opsctl;serve;help;witness' {
            break
        }
        'opsctl;serve;help;delay' {
            break
        }
        'opsctl;serve;help;install' {
            break
        }
        'opsctl;serve;help;help' {
            break
        }
        'opsctl;redis-single' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'One redis pod with one volume')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove it, the data too; a snapshot is saved for `undo`')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Its state and endpoints')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;redis-single;up' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis-single;down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--discard-data', '--discard-data', [CompletionResultType]::ParameterName, 'Delete data even if it could not be saved as a snapshot')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis-single;status' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis-single;help' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'One redis pod with one volume')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove it, the data too; a snapshot is saved for `undo`')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Its state and endpoints')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;redis-single;help;up' {
            break
        }
        'opsctl;redis-single;help;down' {
            break
        }
        'opsctl;redis-single;help;status' {
            break
        }
        'opsctl;redis-single;help;help' {
            break
        }
        'opsctl;check' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Fix what is safe to fix, after asking')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;minikube-up' {
            [CompletionResult]::new('--nodes', '--nodes', [CompletionResultType]::ParameterName, 'Number of nodes')
            [CompletionResult]::new('--cpus', '--cpus', [CompletionResultType]::ParameterName, 'CPUs of each node')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory of each node')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'minikube driver')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;minikube-down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--discard-data', '--discard-data', [CompletionResultType]::ParameterName, 'Delete data even if it could not be saved as a snapshot')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis-up' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis-down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--discard-data', '--discard-data', [CompletionResultType]::ParameterName, 'Delete data even if it could not be saved as a snapshot')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis-import' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key of each record of CSV or JSON Lines, with its fields: ''user:{id}''')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'What each record becomes: hash or string')
            [CompletionResult]::new('--skip-bad', '--skip-bad', [CompletionResultType]::ParameterName, 'Leave out up to N wrong lines of each file, and write them to a file')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('--again', '--again', [CompletionResultType]::ParameterName, 'Load files even if they were imported before')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;redis-clean' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;info-cron-up' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;info-cron-down' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'minikube profile to act on')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Act on this context of the kubeconfig instead; hidden while every stack refuses it')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'kubeconfig file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, json, yaml or name')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit of each wait, such as 90s or 1h; a start of minikube gets at least 10m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Also print each step''s command and the tools'' output')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a question is an error')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Do not wait for what was applied')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'opsctl;help' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Bring everything up: cluster, redis, info-cron, sample data')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove everything again')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show all parts and their endpoints')
            [CompletionResult]::new('minikube', 'minikube', [CompletionResultType]::ParameterValue, 'The two-node cluster')
            [CompletionResult]::new('redis', 'redis', [CompletionResultType]::ParameterValue, 'A redis master and its replica')
            [CompletionResult]::new('info-cron', 'info-cron', [CompletionResultType]::ParameterValue, 'Print INFO replication every minute (alone: `up`)')
            [CompletionResult]::new('dev-vars', 'dev-vars', [CompletionResultType]::ParameterValue, 'Print the variables for this terminal: eval "$(opsctl dev-vars)"')
            [CompletionResult]::new('election', 'election', [CompletionResultType]::ParameterValue, 'One master among identical pods')
            [CompletionResult]::new('web', 'web', [CompletionResultType]::ParameterValue, 'A fleet of nginx behind a load balancer')
            [CompletionResult]::new('peering', 'peering', [CompletionResultType]::ParameterValue, 'Peers that call one another, made by an operator')
            [CompletionResult]::new('timestamps', 'timestamps', [CompletionResultType]::ParameterValue, 'An HTTP API that keeps timestamps in redis')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Undo the last run')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'List the runs')
            [CompletionResult]::new('snapshots', 'snapshots', [CompletionResultType]::ParameterValue, 'Data saved before it was deleted or replaced')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Remove what `check --fix` installed, state and caches')
            [CompletionResult]::new('bundle', 'bundle', [CompletionResultType]::ParameterValue, 'Advanced: a minikube built from package registries')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Advanced: what runs in pods')
            [CompletionResult]::new('redis-single', 'redis-single', [CompletionResultType]::ParameterValue, 'One redis pod with one volume')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'List all missing prerequisites, and the command that fixes each')
            [CompletionResult]::new('minikube-up', 'minikube-up', [CompletionResultType]::ParameterValue, '`minikube up`')
            [CompletionResult]::new('minikube-down', 'minikube-down', [CompletionResultType]::ParameterValue, '`minikube down`')
            [CompletionResult]::new('redis-up', 'redis-up', [CompletionResultType]::ParameterValue, '`redis up`')
            [CompletionResult]::new('redis-down', 'redis-down', [CompletionResultType]::ParameterValue, '`redis down`')
            [CompletionResult]::new('redis-import', 'redis-import', [CompletionResultType]::ParameterValue, '`redis import`')
            [CompletionResult]::new('redis-clean', 'redis-clean', [CompletionResultType]::ParameterValue, '`redis clean`')
            [CompletionResult]::new('info-cron-up', 'info-cron-up', [CompletionResultType]::ParameterValue, '`info-cron up`')
            [CompletionResult]::new('info-cron-down', 'info-cron-down', [CompletionResultType]::ParameterValue, '`info-cron down`')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'opsctl;help;up' {
            break
        }
        'opsctl;help;down' {
            break
        }
        'opsctl;help;status' {
            break
        }
        'opsctl;help;minikube' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Start or repair the cluster')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Delete the cluster; the kubeconfig''s former context becomes current again')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the nodes')
            break
        }
        'opsctl;help;minikube;up' {
            break
        }
        'opsctl;help;minikube;down' {
            break
        }
        'opsctl;help;minikube;status' {
            break
        }
        'opsctl;help;redis' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Master and replica, on separate nodes')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove both, the data too; a snapshot is saved for `undo`')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Roles, link and lag, endpoints')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Prove that writes on the master reach the replica')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Load data files')
            [CompletionResult]::new('digest', 'digest', [CompletionResultType]::ParameterValue, 'One figure for all data: equal where the data is equal')
            [CompletionResult]::new('clean', 'clean', [CompletionResultType]::ParameterValue, 'Delete all data; a snapshot is saved for `undo`')
            [CompletionResult]::new('cli', 'cli', [CompletionResultType]::ParameterValue, 'Run redis-cli in the master''s pod')
            break
        }
        'opsctl;help;redis;up' {
            break
        }
        'opsctl;help;redis;down' {
            break
        }
        'opsctl;help;redis;status' {
            break
        }
        'opsctl;help;redis;verify' {
            break
        }
        'opsctl;help;redis;import' {
            break
        }
        'opsctl;help;redis;digest' {
            break
        }
        'opsctl;help;redis;clean' {
            break
        }
        'opsctl;help;redis;cli' {
            break
        }
        'opsctl;help;info-cron' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Print INFO replication every minute, in the cluster')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove it')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Show the output of past runs')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run it once, now')
            break
        }
        'opsctl;help;info-cron;up' {
            break
        }
        'opsctl;help;info-cron;down' {
            break
        }
        'opsctl;help;info-cron;logs' {
            break
        }
        'opsctl;help;info-cron;run' {
            break
        }
        'opsctl;help;dev-vars' {
            break
        }
        'opsctl;help;election' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'N identical pods, and a master that all of them agree on')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove them, the data too; no snapshot is kept')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask every pod who the master is; exit 1 unless all agree')
            [CompletionResult]::new('drill', 'drill', [CompletionResultType]::ParameterValue, 'Break the master while clients write, and measure the effect')
            break
        }
        'opsctl;help;election;up' {
            break
        }
        'opsctl;help;election;down' {
            break
        }
        'opsctl;help;election;status' {
            break
        }
        'opsctl;help;election;drill' {
            break
        }
        'opsctl;help;web' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'A fleet of nginx behind a load balancer')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask every balancer and every nginx who is connected; exit 1 unless all agree')
            [CompletionResult]::new('scale', 'scale', [CompletionResultType]::ParameterValue, 'Change the number of nginx')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Load it while it is scaled and its pods die; exit 1 unless every request is answered')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build both images in Docker, for Docker alone')
            break
        }
        'opsctl;help;web;up' {
            break
        }
        'opsctl;help;web;down' {
            break
        }
        'opsctl;help;web;status' {
            break
        }
        'opsctl;help;web;scale' {
            break
        }
        'opsctl;help;web;test' {
            break
        }
        'opsctl;help;web;build' {
            break
        }
        'opsctl;help;peering' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'The definition, its operator, and a sample of peers')
            [CompletionResult]::new('scale', 'scale', [CompletionResultType]::ParameterValue, 'Another number of peers')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove all of it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask every peer whom it has a pong of; exit 1 unless of all')
            break
        }
        'opsctl;help;peering;up' {
            break
        }
        'opsctl;help;peering;scale' {
            break
        }
        'opsctl;help;peering;down' {
            break
        }
        'opsctl;help;peering;status' {
            break
        }
        'opsctl;help;timestamps' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'The API, with a redis on a volume')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove both, the data too; no snapshot is kept')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Its state, environment and address')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'New passwords of redis, without a restart or a failed request')
            [CompletionResult]::new('smoke', 'smoke', [CompletionResultType]::ParameterValue, 'Test a running API; exit 1 if an answer is not as it should be')
            break
        }
        'opsctl;help;timestamps;up' {
            break
        }
        'opsctl;help;timestamps;down' {
            break
        }
        'opsctl;help;timestamps;status' {
            break
        }
        'opsctl;help;timestamps;rotate' {
            break
        }
        'opsctl;help;timestamps;smoke' {
            break
        }
        'opsctl;help;undo' {
            break
        }
        'opsctl;help;history' {
            break
        }
        'opsctl;help;snapshots' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List them')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Replace the master''s data with a snapshot; the old data is saved')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Keep the 5 newest, at most 2 GB')
            break
        }
        'opsctl;help;snapshots;list' {
            break
        }
        'opsctl;help;snapshots;restore' {
            break
        }
        'opsctl;help;snapshots;prune' {
            break
        }
        'opsctl;help;completions' {
            break
        }
        'opsctl;help;uninstall' {
            break
        }
        'opsctl;help;bundle' {
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build what is missing or outdated')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the pieces')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove it')
            break
        }
        'opsctl;help;bundle;build' {
            break
        }
        'opsctl;help;bundle;status' {
            break
        }
        'opsctl;help;bundle;remove' {
            break
        }
        'opsctl;help;serve' {
            [CompletionResult]::new('election', 'election', [CompletionResultType]::ParameterValue, 'Agree with the other pods on one leader, and run a service that knows its role')
            [CompletionResult]::new('balancer', 'balancer', [CompletionResultType]::ParameterValue, 'A load balancer: haproxy, whose servers follow who exists')
            [CompletionResult]::new('nginx', 'nginx', [CompletionResultType]::ParameterValue, 'A web server: nginx, which serves the list of those connected')
            [CompletionResult]::new('peer', 'peer', [CompletionResultType]::ParameterValue, 'Answer GET /ping, and call the peers of a configuration, which may change at any time')
            [CompletionResult]::new('operator', 'operator', [CompletionResultType]::ParameterValue, 'Make the pods of each Peering of a namespace, and what belongs to them')
            [CompletionResult]::new('timestamps', 'timestamps', [CompletionResultType]::ParameterValue, 'An HTTP API that keeps named timestamps in redis; set up by variables `TIMESTAMPS_…`')
            [CompletionResult]::new('witness', 'witness', [CompletionResultType]::ParameterValue, 'On a node: ask the electors named on standard input, without pause, who leads')
            [CompletionResult]::new('delay', 'delay', [CompletionResultType]::ParameterValue, 'On a node: a proxy that forwards everything with a delay')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Copy this program to a folder that the pod''s containers share')
            break
        }
        'opsctl;help;serve;election' {
            break
        }
        'opsctl;help;serve;balancer' {
            break
        }
        'opsctl;help;serve;nginx' {
            break
        }
        'opsctl;help;serve;peer' {
            break
        }
        'opsctl;help;serve;operator' {
            break
        }
        'opsctl;help;serve;timestamps' {
            break
        }
        'opsctl;help;serve;witness' {
            break
        }
        'opsctl;help;serve;delay' {
            break
        }
        'opsctl;help;serve;install' {
            break
        }
        'opsctl;help;redis-single' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'One redis pod with one volume')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Remove it, the data too; a snapshot is saved for `undo`')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Its state and endpoints')
            break
        }
        'opsctl;help;redis-single;up' {
            break
        }
        'opsctl;help;redis-single;down' {
            break
        }
        'opsctl;help;redis-single;status' {
            break
        }
        'opsctl;help;check' {
            break
        }
        'opsctl;help;minikube-up' {
            break
        }
        'opsctl;help;minikube-down' {
            break
        }
        'opsctl;help;redis-up' {
            break
        }
        'opsctl;help;redis-down' {
            break
        }
        'opsctl;help;redis-import' {
            break
        }
        'opsctl;help;redis-clean' {
            break
        }
        'opsctl;help;info-cron-up' {
            break
        }
        'opsctl;help;info-cron-down' {
            break
        }
        'opsctl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
