package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// assemble returns the image for all platforms.
func assemble(r recipe, o options, progress io.Writer) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, platform := range o.platforms {
		image, err := assembleFor(platform, r, o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", platform, err)
		}
		size, err := compressedSize(image)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", platform, err)
		}
		fmt.Fprintf(progress, "%s: %.1f MiB compressed\n", platform, float64(size)/(1<<20))
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &platform}})
	}
	return mutate.Annotations(index, r.labels).(v1.ImageIndex), nil
}

func assembleFor(platform v1.Platform, r recipe, o options) (v1.Image, error) {
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.ConfigFile(image, &v1.ConfigFile{
		OS: platform.OS, Architecture: platform.Architecture, Variant: platform.Variant,
		Created: v1.Time{Time: o.created},
		Config:  v1.Config{User: r.user, Entrypoint: r.entrypoint, Labels: r.labels},
		RootFS:  v1.RootFS{Type: "layers"},
	})
	if err != nil {
		return nil, err
	}
	for _, file := range r.files {
		layer, err := newLayer(file, platform, o)
		if err != nil {
			return nil, err
		}
		history := v1.History{Created: v1.Time{Time: o.created}, CreatedBy: file.line}
		if image, err = mutate.Append(image, mutate.Addendum{Layer: layer, History: history}); err != nil {
			return nil, err
		}
	}
	return mutate.Annotations(image, r.labels).(v1.Image), nil
}

func newLayer(f file, platform v1.Platform, o options) (v1.Layer, error) {
	source, err := o.find(f.from, platform)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(source)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(source)
	if err != nil {
		return nil, err
	}
	content, err := archive(f.to, data, info.Mode().Perm()&0o111 != 0, o.created)
	if err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		tarball.WithMediaType(types.OCILayer), tarball.WithCompressionLevel(gzip.DefaultCompression), tarball.WithCompressedCaching)
}

// archive returns a tar archive of one file and the folders that it is in, as COPY makes them: root's, and 0755 apart from
// files that are no programs.
func archive(name string, data []byte, executable bool, modified time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	var errs []error
	name = strings.TrimPrefix(path.Clean(name), "/")
	for i, r := range name {
		if r == '/' {
			errs = append(errs, w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name[:i+1], Mode: 0o755, ModTime: modified}))
		}
	}
	header := tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(data)), ModTime: modified}
	if executable {
		header.Mode = 0o755
	}
	errs = append(errs, w.WriteHeader(&header))
	_, err := w.Write(data)
	return out.Bytes(), errors.Join(append(errs, err, w.Close())...)
}

func compressedSize(image v1.Image) (total int64, err error) {
	manifest, err := image.Manifest()
	if err != nil {
		return 0, err
	}
	for _, layer := range manifest.Layers {
		total += layer.Size
	}
	return total, nil
}

// write writes a layout with one entry, the image for all platforms, which is what crane and skopeo push as it is.
func write(folder string, index v1.ImageIndex, name string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	out, err := layout.Write(folder, empty.Index)
	if err != nil {
		return err
	}
	return out.AppendIndex(index, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": name}))
}

// checkOutput fails if there is anything but an older layout, which write replaces.
func checkOutput(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(folder, "oci-layout")); err != nil {
		return fmt.Errorf("%s is a folder with other files in it: remove it, or name another with IMAGE=FOLDER", folder)
	}
	return nil
}
