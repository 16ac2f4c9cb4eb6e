package browser

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// axe-core, as the npm registry has it.
const (
	axeVersion   = "4.14.1"
	axePackage   = "axe-core@" + axeVersion
	axeIntegrity = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==" // SHA-512
	axeLimit     = 16 << 20
)

// axeCore returns the path of axe.min.js in the user's cache directory, and fetches it first if it is not there.
func axeCore(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cannot find the user's cache directory: %w", err)
	}
	file := filepath.Join(cache, "floorkeeper", "browser", "axe-core-"+axeVersion+".min.js")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	script, err := fetchAxe(ctx)
	if err != nil {
		return "", fmt.Errorf("cannot fetch axe-core: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", err
	}
	partial, err := os.CreateTemp(filepath.Dir(file), "axe-*.partial")
	if err != nil {
		return "", err
	}
	if _, err := partial.Write(script); err != nil {
		return "", errors.Join(err, partial.Close())
	}
	if err := partial.Close(); err != nil {
		return "", err
	}
	return file, os.Rename(partial.Name(), file)
}

// fetchAxe downloads the package, checks it and returns its script.
func fetchAxe(ctx context.Context) ([]byte, error) {
	dir, err := os.MkdirTemp("", "axe-core-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	pack := exec.CommandContext(ctx, "npm", "pack", axePackage, "--silent", "--pack-destination", dir)
	pack.Dir = dir // away from anybody's package.json
	if said, err := pack.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack %s: %w: %s; it needs npm, which comes with Node.js (on Debian: apt-get install npm)", axePackage, err, said)
	}
	packed, err := os.ReadFile(filepath.Join(dir, "axe-core-"+axeVersion+".tgz"))
	if err != nil {
		return nil, err
	}
	if sum := sha512.Sum512(packed); base64.StdEncoding.EncodeToString(sum[:]) != axeIntegrity {
		return nil, errors.New("what came is not what was asked for: its SHA-512 differs")
	}
	return script(packed)
}

// script returns axe.min.js out of the package.
func script(packed []byte) ([]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if err != nil {
			return nil, fmt.Errorf("there is no axe.min.js in the package: %w", err)
		}
		if header.Name == "package/axe.min.js" {
			return io.ReadAll(io.LimitReader(files, axeLimit))
		}
	}
}
