namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>The manifests agree with each other, with the image and with the program, and are as closed as the strictest policy asks.</summary>
public sealed class KubernetesTests
{
    private const string Folder = "deploy/kubernetes";
    private static readonly IReadOnlyList<string> Files = YamlTree.Load($"{Folder}/kustomization.yaml")["resources"].Texts;
    private static readonly ILookup<string, YamlTree> Objects = Files.Select(f => YamlTree.Load($"{Folder}/{f}")).ToLookup(o => o["kind"].Text);
    private static readonly YamlTree Set = Objects["StatefulSet"].Single();
    private static readonly YamlTree Pod = Set["spec"]["template"]["spec"];
    private static readonly YamlTree Container = Pod["containers"].Items.Single();

    [Fact]
    public void Every_file_is_applied_and_belongs_to_one_namespace()
    {
        Files.Order().ShouldBe(Repository.Files(Folder, "*.yaml").Select(Path.GetFileName).Where(f => f != "kustomization.yaml").Order());
        foreach (var o in Objects.SelectMany(o => o).Where(o => o["kind"].Text != "Namespace"))
            o["metadata"]["namespace"].Text.ShouldBe(Objects["Namespace"].Single()["metadata"]["name"].Text, o["kind"].Text);
    }

    [Fact]
    public void One_replica_owns_one_volume()
    {
        Set["spec"]["replicas"].Text.ShouldBe("1");
        var claim = Set["spec"]["volumeClaimTemplates"].Items.ShouldHaveSingleItem();
        claim["spec"]["accessModes"].Texts.ShouldBe(["ReadWriteOnce"]);
        Mounts()[claim["metadata"]["name"].Text].ShouldBe("/data", "where the image keeps its data");
    }

    [Fact]
    public void Selectors_names_and_ports_meet()
    {
        var labels = Set["spec"]["template"]["metadata"]["labels"];
        foreach (var selector in (YamlTree[])[Set["spec"]["selector"]["matchLabels"], Objects["Service"].Single()["spec"]["selector"],
            Objects["PodDisruptionBudget"].Single()["spec"]["selector"]["matchLabels"], Objects["NetworkPolicy"].Single()["spec"]["podSelector"]["matchLabels"]])
            foreach (var key in selector.Keys) selector[key].Text.ShouldBe(labels[key].Text);
        Set["spec"]["serviceName"].Text.ShouldBe(Objects["Service"].Single()["metadata"]["name"].Text);
        var port = Container["ports"].Items.Single();
        Objects["Service"].Single()["spec"]["ports"].Items.Single()["targetPort"].Text.ShouldBe(port["name"].Text);
        Repository.Read("Dockerfile").ShouldContain($"EXPOSE {port["containerPort"].Text}");
        Set["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"].Text.ShouldBe(port["containerPort"].Text);
        Objects["NetworkPolicy"].Single()["spec"]["ingress"].Items.Single()["ports"].Items.Single()["port"].Text.ShouldBe(port["containerPort"].Text);
        Pod["serviceAccountName"].Text.ShouldBe(Objects["ServiceAccount"].Single()["metadata"]["name"].Text);
        Container["envFrom"].Items.Single()["configMapRef"]["name"].Text.ShouldBeOneOf([.. Objects["ConfigMap"].Select(c => c["metadata"]["name"].Text)]);
    }

    [Fact]
    public void Every_mounted_volume_exists_and_every_configured_path_is_mounted()
    {
        var volumes = Pod["volumes"].Items.Select(v => v["name"].Text).Concat(Set["spec"]["volumeClaimTemplates"].Items.Select(c => c["metadata"]["name"].Text));
        Mounts().Keys.Order().ShouldBe(volumes.Order());
        Pod["volumes"].Items.Select(v => v["configMap"]["name"].Text).Where(n => n.Length > 0).ShouldBeSubsetOf(Objects["ConfigMap"].Select(c => c["metadata"]["name"].Text));
        var settings = Objects["ConfigMap"].Single(c => c["metadata"]["name"].Text == "orchestrator")["data"];
        Mounts().Values.ShouldContain(settings["Orchestrator__Workflows__Path"].Text);
        Mounts().Values.ShouldContain(Path.GetDirectoryName(settings["Orchestrator__Api__TokenFile"].Text)!);
        Mounts().Values.ShouldContain("/tmp", "tasks run scripts from there, and the root cannot be written");
    }

    [Fact]
    public void The_pod_passes_the_restricted_policy()
    {
        Objects["Namespace"].Single()["metadata"]["labels"]["pod-security.kubernetes.io/enforce"].Text.ShouldBe("restricted");
        Pod["securityContext"]["runAsNonRoot"].Text.ShouldBe("true");
        Pod["securityContext"]["seccompProfile"]["type"].Text.ShouldBe("RuntimeDefault");
        Container["securityContext"]["allowPrivilegeEscalation"].Text.ShouldBe("false");
        Container["securityContext"]["readOnlyRootFilesystem"].Text.ShouldBe("true");
        Container["securityContext"]["capabilities"]["drop"].Texts.ShouldBe(["ALL"]);
        Pod["automountServiceAccountToken"].Text.ShouldBe("false");
        Pod["volumes"].Items.Where(v => v["hostPath"].Exists).ShouldBeEmpty();
        foreach (var what in (string[])["requests", "limits"]) Container["resources"][what]["memory"].Text.ShouldNotBeEmpty();
    }

    [Fact]
    public void Probes_ask_what_the_program_answers_under_a_name_it_answers_to()
    {
        foreach (var (probe, path) in (ReadOnlySpan<(string, string)>)[("startupProbe", "/readyz"), ("readinessProbe", "/readyz"), ("livenessProbe", "/healthz")])
        {
            var get = Container[probe]["httpGet"];
            get["path"].Text.ShouldBe(path, "a program that recovers or drains lives");
            get["port"].Text.ShouldBe("http");
            get["httpHeaders"].Items.Single()["value"].Text.ShouldBe("localhost", "requests to the pod's address carry its address as Host");
            Repository.Read("src/Orchestrator.AspNetCore/Status/HealthEndpoints.cs").ShouldContain($"\"{path}\"");
        }
    }

    [Fact]
    public void It_may_drain_before_it_is_killed_and_a_node_asks_first()
    {
        var settings = Objects["ConfigMap"].Single(c => c["metadata"]["name"].Text == "orchestrator")["data"];
        Seconds(Pod["terminationGracePeriodSeconds"].Text).ShouldBeGreaterThan(Seconds(settings["Orchestrator__Shutdown__Drain"].Text) + 15);
        Objects["PodDisruptionBudget"].Single()["spec"]["minAvailable"].Text.ShouldBe("1");
    }

    [Fact]
    public async Task Its_workflows_are_valid()
    {
        var workflows = Objects["ConfigMap"].Single(c => c["metadata"]["name"].Text == "orchestrator-workflows")["data"];
        foreach (var file in workflows.Keys)
        {
            var folder = Directory.CreateTempSubdirectory("orc-k8s").FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, file), workflows[file].Text, TestContext.Current.CancellationToken);
            await BuiltProgram.OutputAsync("validate", Path.Combine(folder, file));
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Dictionary<string, string> Mounts() => Container["volumeMounts"].Items.ToDictionary(m => m["name"].Text, m => m["mountPath"].Text);

    private static int Seconds(string text) => int.Parse(text.TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture);
}
