module opsctl/bundle/helpers

go 1.24.0
