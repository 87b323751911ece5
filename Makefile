.PHONY: run demo test bench bench-micro soak format

DATA ?= postrider-data

run:     ## the gateway in the foreground, its data in $(DATA)
	dotnet run --project src/Postrider.Cli -c Release -- serve --data $(DATA)

demo:    ## the gateway with a pretended provider, a mail through every door
	./demo.sh

test:    ## installs what the tests need and runs all of them
	./test.sh

bench:   ## measures the gateway and its peers, writes docs/performance.md; ARGS="--quick drain accept" for a part (--help says which)
	./bench/run.sh $(ARGS)

bench-micro:  ## times the parser, the catalogue of failures and the queue alone; ARGS="--filter '*Queue*'" for a part
	./bench/run.sh micro $(ARGS)

soak:    ## lets faults happen for minutes, writes docs/reliability.md; ARGS="--minutes 10 node-kills" for a part
	./soak/run.sh $(ARGS)

format:  ## lays the code out as .editorconfig says
	dotnet format Postrider.slnx
