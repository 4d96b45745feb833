module mallbots.example/services

go 1.26.0

require (
	mallbots.example/api v0.0.0
	mallbots.example/pkg v0.0.0
)

require github.com/stretchr/testify v1.12.1 // indirect

replace (
	mallbots.example/api => ../api
	mallbots.example/pkg => ../pkg
)
