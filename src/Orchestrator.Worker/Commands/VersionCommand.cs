using System.CommandLine;
using System.Runtime.InteropServices;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands;

/// <summary><c>orchestrator version</c>: what this is and what it runs on.</summary>
internal static class VersionCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var verb = new Verb("version", "Print the version of the program, the runtime and the system.")
        {
            Examples = [("orchestrator version --json", "for scripts and bug reports")],
        };
        verb.SetAction(parsed =>
        {
            if (parsed.GetValue(common.Json))
                JsonOut.Document(around.Out, w =>
                {
                    w.WriteString("version", ProductVersion.Text);
                    w.WriteString("runtime", RuntimeInformation.FrameworkDescription);
                    w.WriteString("os", RuntimeInformation.OSDescription);
                    w.WriteString("architecture", RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant());
                });
            else
                around.Out.WriteLine($"orchestrator {ProductVersion.Text} ({RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription})");
            return ExitCode.Ok;
        });
        return verb;
    }
}
