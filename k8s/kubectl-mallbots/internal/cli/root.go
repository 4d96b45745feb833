// Package cli is the plugin's command line.
package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"mallbots.example/k8s/kubectl-mallbots/internal/cluster"
)

// ErrNotWell is the error of status when it has shown that something is not well.
var ErrNotWell = errors.New("not all is well")

// New is the command kubectl mallbots.
func New() *cobra.Command {
	flags := genericclioptions.NewConfigFlags(true)
	return newRoot(flags.AddFlags, func() (*cluster.Cluster, error) { return cluster.Connect(flags) })
}

// connect gives the cluster that the flags name.
type connect func() (*cluster.Cluster, error)

func newRoot(addFlags func(flags *pflag.FlagSet), connect connect) *cobra.Command {
	root := &cobra.Command{
		Use:           "kubectl-mallbots",
		Short:         "Look after a mall on Kubernetes",
		Long:          "Looks after a mall on Kubernetes: how it does, its orders, and what was logged about one. Takes kubectl's own flags.",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl mallbots"},
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	addFlags(root.PersistentFlags())
	root.AddCommand(newStatus(connect), newOrders(connect), newLogs(connect), newDemo(connect))
	return root
}

// output is the flag -o.
type output struct{ format string }

func (o *output) addTo(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&o.format, "output", "o", "table", "how to write it: table or json")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if o.format != "table" && o.format != "json" {
			return fmt.Errorf("-o must be table or json, not %q", o.format)
		}
		return nil
	}
}

func (o *output) json() bool { return o.format == "json" }
