using Orchestrator.Core.Definitions;
using Shouldly;

namespace Orchestrator.Core.Tests.Definitions;

internal static class Yaml
{
    public static WorkflowDefinition Valid(string text)
    {
        var result = DefinitionReader.Read(text, "w.yaml");
        result.Problems.ShouldBeEmpty();
        return result.Workflow.ShouldNotBeNull();
    }

    public static void ShouldHaveSingle(this string[] problems, string words) => problems.ShouldHaveSingleItem().ShouldContain(words);

    public static string[] Problems(string text) => [.. DefinitionReader.Read(text, "w.yaml").Problems.Select(p => p.ToString())];
}
