package cli

// Version is stamped by the linker: -ldflags "-X github.com/floorkeeper/floorkeeper/cmd/internal/cli.Version=v1.2.3".
var Version = "devel"
