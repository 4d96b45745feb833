package rpc

import (
	"errors"
	"fmt"
	"sync"

	"google.golang.org/grpc"
)

// maxTargets bounds a pool: the mall has a dozen services, and targets come from the configuration. More means a bug that makes them up.
const maxTargets = 64

// ErrPoolClosed is given by a pool after Close.
var ErrPoolClosed = errors.New("rpc: the pool is closed")

// Pool keeps one connection a target: gRPC multiplexes, so a second one would only cost. Safe for concurrent use.
type Pool struct {
	cfg    ClientConfig
	mu     sync.Mutex
	conns  map[string]*grpc.ClientConn
	closed bool
}

// NewPool makes an empty pool; its connections are built by Dial with cfg.
func NewPool(cfg ClientConfig) *Pool {
	return &Pool{cfg: cfg, conns: map[string]*grpc.ClientConn{}}
}

// Conn gives the connection to target, the same one to everybody. The pool closes it.
func (p *Pool) Conn(target string) (grpc.ClientConnInterface, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrPoolClosed
	}
	if conn, ok := p.conns[target]; ok {
		return conn, nil
	}
	if len(p.conns) >= maxTargets {
		return nil, fmt.Errorf("rpc: the pool already has %d targets, %q is one too many", maxTargets, target)
	}
	conn, err := Dial(target, p.cfg)
	if err != nil {
		return nil, err
	}
	p.conns[target] = conn
	return conn, nil
}

// Close closes all connections; calls in flight end with an error. Further calls of Close do nothing.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var errs []error
	for target, conn := range p.conns {
		errs = append(errs, conn.Close())
		delete(p.conns, target)
	}
	return errors.Join(errs...)
}
