// Package crosscheck opens a ledger with Go's own packages for signed notes and
// tiled logs, which know nothing of rollcall.
package crosscheck

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tiles reads a directory. sumdb/tlog names the tile's height in its paths and
// tlog-tiles, where it is always 8, doesn't.
type tiles struct{ root string }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := t.read(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (t tiles) read(tile tlog.Tile) ([]byte, error) {
	data, err := os.ReadFile(t.path(tile))
	if os.IsNotExist(err) {
		full := tile
		full.W = 256
		if data, err = os.ReadFile(t.path(full)); err == nil && tile.L >= 0 {
			data = data[:tile.W*tlog.HashSize]
		}
	}
	return data, err
}

func (t tiles) path(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), "tile/8/")
	path = strings.Replace(path, "data/", "entries/", 1)
	return filepath.Join(t.root, "tile", path)
}

// checkpoint opens a signed checkpoint.
func checkpoint(t *testing.T, path string, verifier note.Verifier) tlog.Tree {
	t.Helper()
	msg, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		t.Fatalf("origin %q", lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		t.Fatal(err)
	}
	return tlog.Tree{N: size, Hash: root}
}

// entry reads one entry out of its bundle.
func (t tiles) entry(index, size int64) ([]byte, error) {
	tile := tlog.Tile{H: 8, L: -1, N: index / 256, W: int(min(256, size-index/256*256))}
	bundle, err := t.read(tile)
	if err != nil {
		return nil, err
	}
	for place := int64(0); ; place++ {
		if len(bundle) < 2 {
			return nil, fmt.Errorf("bundle %d ends before entry %d", tile.N, index)
		}
		length := int(binary.BigEndian.Uint16(bundle))
		if place == index%256 {
			return bundle[2 : 2+length], nil
		}
		bundle = bundle[2+length:]
	}
}

func TestLedger(t *testing.T) {
	dir := os.Getenv("ROLLCALL_LEDGER")
	if dir == "" {
		t.Skip("ROLLCALL_LEDGER names no ledger; run by the Rust tests")
	}
	verifier, err := note.NewVerifier(os.Getenv("ROLLCALL_KEY"))
	if err != nil {
		t.Fatal(err)
	}
	reader := tiles{dir}
	tree := checkpoint(t, filepath.Join(dir, "checkpoint"), verifier)
	hashes := tlog.TileHashReader(tree, reader)

	for n := 0; n < 200; n++ {
		index := rand.Int63n(tree.N)
		entry, err := reader.entry(index, tree.N)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			t.Fatal(err)
		}
		leaf := tlog.RecordHash(entry)
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
			t.Fatalf("entry %d: %v", index, err)
		}
		if n == 0 && tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash([]byte("other"))) == nil {
			t.Fatal("another entry was proven")
		}
	}

	older, err := filepath.Glob(filepath.Join(dir, "older", "*"))
	if err != nil || len(older) == 0 {
		t.Fatalf("no older checkpoints: %v", err)
	}
	for _, path := range older {
		old := checkpoint(t, path, verifier)
		proof, err := tlog.ProveTree(tree.N, old.N, hashes)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
}

// TestProof checks our own proofs, as files, with Go's verifier.
func TestProof(t *testing.T) {
	dir := os.Getenv("ROLLCALL_LEDGER")
	if dir == "" {
		t.Skip("ROLLCALL_LEDGER names no ledger; run by the Rust tests")
	}
	proofs, err := filepath.Glob(filepath.Join(dir, "proofs", "*"))
	if err != nil || len(proofs) == 0 {
		t.Fatalf("no proofs: %v", err)
	}
	tree := tlog.Tree{}
	verifier, err := note.NewVerifier(os.Getenv("ROLLCALL_KEY"))
	if err != nil {
		t.Fatal(err)
	}
	tree = checkpoint(t, filepath.Join(dir, "checkpoint"), verifier)
	for _, path := range proofs {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := bytes.Cut(data, []byte("\n\n"))
		lines := strings.Split(string(head), "\n")
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		var proof tlog.RecordProof
		for _, line := range lines[2:] {
			hash, err := tlog.ParseHash(line)
			if err != nil {
				t.Fatal(err)
			}
			proof = append(proof, hash)
		}
		entry, err := tiles{dir}.entry(index, tree.N)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
}
