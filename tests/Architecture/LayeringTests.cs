using System.Reflection;
using System.Text.RegularExpressions;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Operators;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Architecture;

/// <summary>The rules of ARCHITECTURE.md that a compiler does not check.</summary>
public partial class LayeringTests
{
    /// <summary>Each may use those before it, never those after.</summary>
    private static readonly string[] Order =
        ["Diagnostics", "Tensors", "Operators", "Graphs", "Format", "Planning", "Backends", "Sessions", "Pipelines", "Realtime", "Inference"];

    /// <summary>Where pointers and other unsafe code may be.</summary>
    private static readonly string[] Unsafe =
    [
        "Tensors/", "Backends/Cpu/Kernels/", "Backends/Cpu/MachineCode/", "Backends/Cpu/CpuPlan.cs", "Backends/Cpu/CpuBinding.cs", "Backends/Cpu/KernelMemory.cs", "Backends/Cpu/PackedWeights.cs", "Backends/Cpu/DenormalFlush.cs", "Backends/Cpu/WorkerPool.cs", "Backends/Vulkan/", "Backends/OpenCl/",
        "Format/EdgeReader.cs",
        "Format/WeightBlocks.cs",
    ];

    /// <summary>Tables and kernels may be longer than <see cref="LongestFile"/>.</summary>
    private static readonly string[] Long = ["src/Runtime/Backends/Cpu/Kernels/", BindingsOf + "Vulkan/Bindings/", "tests/Conformance/KnownGaps.cs", "tests/Conformance/OperatorCases.cs"];

    private const string BindingsOf = "src/Runtime/Backends/";

    private const int LongestFile = 600;

    /// <summary>Built on demand, with a root namespace of its own.</summary>
    private const string OtherAssembly = "src/Tools/OnnxRuntime/";

    [Fact]
    public void Namespaces_use_only_those_before_them()
    {
        var broken = new List<string>();
        foreach ((string path, _, string code) in Sources("src/Runtime"))
        {
            int own = Array.IndexOf(Order, Layer(path));
            Assert.True(own >= 0, $"{path}: '{Layer(path)}' is not in the order of namespaces.");
            foreach (Match used in NamespaceUse().Matches(code))
                if (Array.IndexOf(Order, used.Groups[1].Value) is var other && (other < 0 || other > own))
                    broken.Add($"{path} uses {used.Value}");
        }
        Assert.Empty(broken);
    }

    [Fact]
    public void Namespaces_are_folders()
    {
        var broken = new List<string>();
        foreach (string root in (string[])["src/Runtime", "src/Tools", "tests"])
            foreach ((string path, _, string code) in Sources(root))
            {
                // The bindings have the namespaces of the packages that can take their place.
                if (path.StartsWith(OtherAssembly, StringComparison.Ordinal) || path.StartsWith(BindingsOf, StringComparison.Ordinal) && path.Contains("/Bindings/")) continue;
                string prefix = root switch { "src/Runtime" => "EdgeRuntime", "src/Tools" => "EdgeRuntime.Tools", _ => "EdgeRuntime.Tests" };
                string folder = Path.GetDirectoryName(path)![root.Length..].TrimStart('/').Replace('/', '.');
                string expected = folder.Length == 0 ? prefix : $"{prefix}.{folder}";
                Match declared = NamespaceDeclaration().Match(code);
                if (declared.Success && declared.Groups[1].Value != expected) broken.Add($"{path} declares {declared.Groups[1].Value}, not {expected}");
            }
        Assert.Empty(broken);
    }

    [Fact]
    public void Unsafe_code_is_where_it_is_expected() =>
        Assert.Empty(from source in Sources("src/Runtime")
                     where UnsafeWord().IsMatch(source.Code) && !Unsafe.Any(allowed => source.Path["src/Runtime/".Length..].StartsWith(allowed, StringComparison.Ordinal))
                     select source.Path);

    [Fact]
    public void The_runtime_references_no_package_and_no_project()
    {
        string project = File.ReadAllText(Repository.File("src", "Runtime", "EdgeRuntime.csproj"));
        Assert.DoesNotContain("PackageReference", project);
        Assert.DoesNotContain("ProjectReference", project);
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        Assert.All(typeof(Operator).Assembly.GetReferencedAssemblies(), name => Assert.True(File.Exists(Path.Combine(framework, name.Name + ".dll")), name.Name));
    }

    [Fact]
    public void The_runtime_knows_nothing_of_source_formats() =>
        Assert.Empty(from source in Sources("src/Runtime") where SourceFormat().IsMatch(source.Code) select source.Path);

    [Fact]
    public void Every_operator_is_in_the_catalog()
    {
        IEnumerable<string> declared = from type in typeof(Operator).Assembly.GetTypes()
                                       where type.IsSubclassOf(typeof(Operator)) && !type.IsAbstract
                                       select ((Operator)Activator.CreateInstance(type, nonPublic: true)!).Name;
        Assert.Equal(declared.Order(StringComparer.Ordinal), OperatorCatalog.Names);
    }

    [Fact]
    public void Every_operator_with_a_kernel_is_compared_with_its_definition()
    {
        object makers = typeof(CpuKernels).GetField("Makers", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;
        IEnumerable<string> tuned = ((System.Collections.IDictionary)makers).Keys.Cast<Type>().Select(t => t.Name);
        Assert.Empty(tuned.Except(OperatorCases.All.Values.Select(c => c.Operator.GetType().Name)));
    }

    [Fact]
    public void Operators_are_internal_and_sealed() =>
        Assert.Empty(from type in typeof(Operator).Assembly.GetTypes()
                     where type.IsSubclassOf(typeof(Operator)) && !type.IsAbstract && (type.IsPublic || !type.IsSealed)
                     select type.Name);

    [Fact]
    public void Files_are_of_a_length_to_be_read() =>
        Assert.Empty(from root in (string[])["src", "tests"]
                     from source in Sources(root)
                     let lines = source.Text.AsSpan().Count('\n')
                     where lines > LongestFile && !Long.Any(allowed => source.Path.StartsWith(allowed, StringComparison.Ordinal))
                     select $"{source.Path}: {lines} lines");

    [Fact]
    public void Nothing_is_left_to_be_done_later() =>
        Assert.Empty(from root in (string[])["src", "tests"]
                     from source in Sources(root)
                     where !source.Path.EndsWith("LayeringTests.cs", StringComparison.Ordinal) && Unfinished().IsMatch(source.Text)
                     select source.Path);

    private static string Layer(string path) => path.Split('/')[2];

    /// <summary>The C# sources below a folder of the repository, as text and as code without comments and strings.</summary>
    private static IEnumerable<(string Path, string Text, string Code)> Sources(string root) =>
        from file in Directory.EnumerateFiles(Repository.File(root), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')
        where !path.Split('/').Any(folder => folder is "bin" or "obj")
        let text = File.ReadAllText(file)
        select (path, text, CommentOrString().Replace(text, ""));

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""", RegexOptions.Singleline)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"\bEdgeRuntime\.([A-Z]\w*)")]
    private static partial Regex NamespaceUse();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"\bunsafe\b")]
    private static partial Regex UnsafeWord();

    [GeneratedRegex(@"protobuf|\bonnx", RegexOptions.IgnoreCase)]
    private static partial Regex SourceFormat();

    [GeneratedRegex(@"\bTODO\b|\bFIXME\b|\bHACK\b|NotImplementedException")]
    private static partial Regex Unfinished();
}
