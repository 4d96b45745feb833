// Package features is what the mall does, in Gherkin, and how to run it: the test beside it and the program cmd/features run the same.
package features

import (
	"embed"
	"io/fs"
	"path"
	"slices"

	"github.com/cucumber/godog"
	"google.golang.org/grpc"

	"mallbots.example/features/steps"
)

// files are the features, a folder a capability.
//
//go:embed */*.feature
var files embed.FS

const (
	// WithoutRobots is the tag of scenarios about what only robots may decide that the scenario registers: in a mall without others.
	WithoutRobots = "@without-robots"
	// WithCarrier is the tag of scenarios about what a carrier of messages refuses: the mall must send by one that refuses
	// steps.RefusedNumber.
	WithCarrier = "@carrier"
	// WithRobots selects the scenarios of a mall that has robots of its own, and that carrier.
	WithRobots = "~" + WithoutRobots
	// AnyMall selects the scenarios that any mall passes, whatever else goes on in it and whoever carries its messages.
	AnyMall = WithRobots + " && ~" + WithCarrier
)

// Suite runs the scenarios that have the tags, in random order, against the mall behind conn. each, if there are any, are called for every
// scenario once its sentences are known. What is printed where, and how many scenarios run at a time, is for the caller to say in Options.
func Suite(conn grpc.ClientConnInterface, tags string, each ...func(*godog.ScenarioContext)) godog.TestSuite {
	return godog.TestSuite{
		Name: "mallbots",
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			steps.Register(sc, conn)
			for _, initialize := range each {
				initialize(sc)
			}
		},
		Options: &godog.Options{
			FS: files, Paths: capabilities(), Tags: tags, Format: "progress", Strict: true, NoColors: true, Randomize: -1,
		},
	}
}

// capabilities are the folders that hold features.
func capabilities() []string {
	folders, _ := fs.Glob(files, "*/*.feature") // the pattern is well formed
	for i, file := range folders {
		folders[i] = path.Dir(file)
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}
