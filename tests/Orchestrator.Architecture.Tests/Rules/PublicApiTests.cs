using System.Reflection;
using PublicApiGenerator;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>What programs of others are compiled against changes knowingly or not at all: each packed assembly has its public surface written down beside its project.</summary>
public sealed class PublicApiTests
{
    public const string Command = "WRITE_PUBLIC_API=1 dotnet run --project tests/Orchestrator.Architecture.Tests -- -class \"*PublicApiTests\"";

    private static readonly ApiGeneratorOptions s_options = new() { IncludeAssemblyAttributes = false };

    [Theory]
    [InlineData("Orchestrator.Core")]
    [InlineData("Orchestrator.Engine")]
    [InlineData("Orchestrator.AspNetCore")]
    [InlineData("Orchestrator.Testing")]
    public void The_public_surface_is_the_one_written_down(string name)
    {
        var file = Repository.At($"src/{name}/PublicApi.txt");
        var surface = Assembly.Load(name).GeneratePublicApi(s_options).ReplaceLineEndings("\n") + "\n";
#pragma warning disable RS0030 // that a developer wants the files is said from outside
        if (Environment.GetEnvironmentVariable("WRITE_PUBLIC_API") == "1") File.WriteAllText(file, surface);
#pragma warning restore RS0030
        if (File.ReadAllText(file) == surface) return;
        var (now, before) = (surface.Split('\n').ToHashSet(StringComparer.Ordinal), File.ReadAllLines(file).ToHashSet(StringComparer.Ordinal));
        Assert.Fail($"src/{name}/PublicApi.txt is not the public surface of {name}. If that is meant, write it anew: {Command}\n"
            + string.Join('\n', before.Except(now).Select(l => "-" + l).Concat(now.Except(before).Select(l => "+" + l)).Take(40)));
    }
}
