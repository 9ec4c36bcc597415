using System.CommandLine;
using Orchestrator.Core.Definitions.Schema;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Definitions;

/// <summary><c>orchestrator schema</c>: the definition language as JSON Schema, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create(CommandContext around)
    {
        var verb = new Verb("schema", "Print the JSON Schema of a workflow file, for completion and checks in editors.")
        {
            Examples = [("orchestrator schema > workflow.schema.json", "then begin files with # yaml-language-server: $schema=workflow.schema.json")],
        };
        verb.SetAction(_ =>
        {
            around.Out.Write(DefinitionSchema.Write());
            return ExitCode.Ok;
        });
        return verb;
    }
}
