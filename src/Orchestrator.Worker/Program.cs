using Orchestrator.Worker.Commands;

// All verbs but one live for a moment. What libraries generate at run time (the YAML parser's pattern, accessors of attributes) is then
// interpreted: compiling it takes longer than the verb. No code may have read the switch before, so it is set here.
if (Array.IndexOf(args, "serve") < 0) AppContext.SetSwitch("System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported", false);

return await CommandLine.RunAsync(args, CommandContext.OfProcess());
