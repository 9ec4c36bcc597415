using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Orchestrator.Worker.Commands;

/// <summary>The usual help, then a verb's examples, then what the exit codes mean.</summary>
internal sealed class ExamplesHelp(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is Verb { Examples: { IsDefaultOrEmpty: false } examples })
        {
            output.WriteLine("Examples:");
            var width = examples.Max(e => e.Line.Length);
            foreach (var (line, means) in examples) output.WriteLine($"  {line.PadRight(width)}  {means}");
            output.WriteLine();
        }
        output.WriteLine("Exit codes: 0 ok, 1 the run or check failed, 2 usage or invalid definition, 3 cancelled, 4 not found, 5 unavailable.");
        return code;
    }
}
