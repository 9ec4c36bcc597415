using System.IO.Compression;
using System.Xml.Linq;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>The packages that embedders reference: what is in them, and that programs made of them alone work.</summary>
public sealed class PackageCases(Packages packages) : IClassFixture<Packages>
{
    [Fact(DisplayName = "PK01 a package says from which commit it was made and brings documents, licence and symbols; it needs its siblings in its own version")]
    public void Contents()
    {
        foreach (var (id, siblings) in new (string, string[])[] { ("Orchestrator.Core", []), ("Orchestrator.Engine", ["Orchestrator.Core"]), ("Orchestrator.AspNetCore", ["Orchestrator.Engine"]), ("Orchestrator.Testing", ["Orchestrator.Engine"]) })
        {
            using var package = ZipFile.OpenRead(packages.PathOf(id, "nupkg"));
            foreach (var file in (string[])["README.md", "LICENSE", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"]) package.GetEntry(file).ShouldNotBeNull($"{id}: {file}");
            package.Entries.Count(e => e.FullName.StartsWith("lib/", StringComparison.Ordinal)).ShouldBe(2, $"{id} brings nothing of others");
            using var text = package.GetEntry($"{id}.nuspec")!.Open();
            var nuspec = XDocument.Load(text).Root!.Elements().Single();
            XElement One(string name) => nuspec.Elements().Single(e => e.Name.LocalName == name);
            One("license").Value.ShouldBe("LICENSE");
            One("repository").Attribute("commit")!.Value.ShouldMatch("^[0-9a-f]{40}$");
            var needed = One("dependencies").Descendants().Where(e => e.Name.LocalName == "dependency").ToDictionary(e => e.Attribute("id")!.Value, e => e.Attribute("version")!.Value);
            needed.Keys.Where(k => k.StartsWith("Orchestrator.", StringComparison.Ordinal)).ShouldBe(siblings, ignoreOrder: true, id);
            foreach (var sibling in siblings) needed[sibling].ShouldBe(Packages.Version);
            using var symbols = ZipFile.OpenRead(packages.PathOf(id, "snupkg"));
            symbols.Entries.ShouldContain(e => e.FullName == $"lib/net10.0/{id}.pdb");
        }
    }

    [Fact(DisplayName = "PK02 the sample, built of the packages instead of the sources, does what it does")]
    public async Task Sample()
    {
        await using var box = new Sandbox();
        var source = Path.Combine(Built.Repository, "tests", "Orchestrator.EmbeddedSample");
        box.Write("sample/Program.cs", File.ReadAllText(Path.Combine(source, "Program.cs")));
        box.Write("sample/workflows/greet.yaml", File.ReadAllText(Path.Combine(source, "workflows", "greet.yaml")));
        var ended = await (await packages.BuildAsync(box, "sample", "Orchestrator.AspNetCore")).EndAsync();
        ended.ExitCode.ShouldBe(0, ended.ToString());
        ended.Output.ShouldContain("weigh: Completed, value=12.5");
        ended.Output.ShouldContain("greet workflow.completed");
        ended.Output.ShouldContain("By HTTP: boxes, greet");
    }

    [Fact(DisplayName = "PK04 a program without HTTP knows the engine's package alone")]
    public async Task Engine()
    {
        await using var box = new Sandbox();
        box.Write("sample/Program.cs", """
            using Microsoft.Extensions.DependencyInjection;
            using Microsoft.Extensions.Hosting;
            using Orchestrator.Core.Definitions;
            using Orchestrator.Engine.Registration;

            var builder = Host.CreateApplicationBuilder(args);
            builder.AddOrchestrator(options => options.DataDirectory = args[0]).AddTask("weigh", (_, _) => Task.FromResult(12.5))
                .AddWorkflow(Workflow.Named("boxes").Task("weigh", t => t.Delegate("weigh")).Build());
            using var host = builder.Build();
            await host.StartAsync();
            Console.WriteLine((await host.Services.GetRequiredService<OrchestratorClient>().RunAsync("boxes")).StatusTo);
            await host.StopAsync();
            """);
        var ended = await (await packages.BuildAsync(box, "sample", "Orchestrator.Engine")).EndAsync();
        ended.ExitCode.ShouldBe(0, ended.ToString());
        ended.Output.ShouldContain("Completed");
    }

    [Fact(DisplayName = "PK03 a workflow runs in a test that knows the test kit's package alone")]
    public async Task TestKit()
    {
        await using var box = new Sandbox();
        box.Write("sample/workflows/sales.yaml", "name: sales\ntasks:\n  - {id: fetch, run: ./fetch.sh, retry: {max_attempts: 3, initial_delay: 1m}}\n  - {id: load, depends_on: [fetch], run: './load.sh ${{ tasks.fetch.outputs.rows }}'}\n");
        box.Write("sample/Program.cs", """
            using Orchestrator.Core.Runs;
            using Orchestrator.Engine.Registration;
            using Orchestrator.Testing;

            await using var test = await WorkflowTest.StartAsync(o => o.AddWorkflowsFrom(Path.Combine(AppContext.BaseDirectory, "workflows", "sales.yaml")));
            test.Task("fetch").Fails("no route to host", times: 2).Returns(new { rows = 3 });
            var run = await test.RunAsync("sales");
            Console.WriteLine($"{run.Status}: {test.Task("load").Calls.Single().Asked.Command}");
            """);
        var ended = await (await packages.BuildAsync(box, "sample", "Orchestrator.Testing")).EndAsync();
        ended.ExitCode.ShouldBe(0, ended.ToString());
        ended.Output.Trim().ShouldBe("Completed: ./load.sh 3");
    }
}
