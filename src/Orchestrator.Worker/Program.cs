using Orchestrator.Worker.Commands;

return await CommandLine.RunAsync(args, Surroundings.OfProcess());
