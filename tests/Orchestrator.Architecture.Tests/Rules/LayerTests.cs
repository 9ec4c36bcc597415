using System.Reflection;
using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>Core &lt;- Engine &lt;- AspNetCore &lt;- Worker: nothing points back, and two packages have one room each.</summary>
public sealed class LayerTests
{
    [Fact]
    public void Core_knows_no_other_project() => OursIn(ProductAssemblies.Core).ShouldBeEmpty();

    [Fact]
    public void Engine_knows_only_Core() => OursIn(ProductAssemblies.Engine).ShouldBe(["Orchestrator.Core"]);

    [Fact]
    public void AspNetCore_knows_only_what_is_below_it() =>
        OursIn(ProductAssemblies.AspNetCore).Except(["Orchestrator.Core", "Orchestrator.Engine"]).ShouldBeEmpty();

    [Fact]
    public void Worker_knows_only_what_is_below_it() =>
        OursIn(ProductAssemblies.Worker).Except(["Orchestrator.Core", "Orchestrator.Engine", "Orchestrator.AspNetCore"]).ShouldBeEmpty();

    [Fact]
    public void The_API_uses_nothing_of_the_commands() => Repository.Files("src/Orchestrator.AspNetCore", "*.cs")
        .Where(file => SourceText.WithoutCommentsAndTexts(Repository.Read(file)).Contains("Commands", StringComparison.Ordinal))
        .ShouldBeEmpty();

    [Fact]
    public void The_generators_know_no_project_and_are_loaded_by_the_compiler_of_Core_alone()
    {
        Repository.Read("src/Orchestrator.Generators/Orchestrator.Generators.csproj").ShouldNotContain("ProjectReference");
        var users = Repository.Files("src", "*.csproj").Where(file => Repository.Read(file).Contains("Orchestrator.Generators.csproj", StringComparison.Ordinal)).ToList();
        users.ShouldBe(["src/Orchestrator.Core/Orchestrator.Core.csproj"]);
        Repository.Read(users[0]).ShouldContain("""Orchestrator.Generators.csproj" OutputItemType="Analyzer" ReferenceOutputAssembly="false" """);
        File.Exists(Path.Combine(AppContext.BaseDirectory, "Orchestrator.Generators.dll")).ShouldBeFalse("it is no part of the program");
    }

    [Fact]
    public void What_embedders_use_does_not_know_the_command_line_or_the_terminal() =>
        ProductAssemblies.All.Except([ProductAssemblies.Worker]).SelectMany(assembly => assembly.GetReferencedAssemblies())
            .Select(name => name.Name!)
            .Where(name => name is "System.CommandLine" || name.StartsWith("Spectre.", StringComparison.Ordinal)
                || name.StartsWith("Serilog", StringComparison.Ordinal))
            .ShouldBeEmpty();

    [Theory]
    [InlineData("Polly", "src/Orchestrator.Engine/Running/Attempts/")]
    [InlineData("Quartz", "src/Orchestrator.Engine/Scheduling/")]
    public void A_package_with_a_room_of_its_own_is_used_nowhere_else(string package, string room)
    {
        var use = new Regex($@"^\s*(global )?using (static )?{package}\b|\b{package}\.\w+[.(<]", RegexOptions.Multiline);
        Repository.Files("src", "*.cs")
            .Where(file => !file.StartsWith(room, StringComparison.Ordinal))
            .Where(file => use.IsMatch(SourceText.WithoutCommentsAndTexts(Repository.Read(file))))
            .ShouldBeEmpty($"{package} is used only in {room}");
    }

    private static IEnumerable<string> OursIn(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!)
        .Where(name => name.StartsWith("Orchestrator", StringComparison.OrdinalIgnoreCase));
}
