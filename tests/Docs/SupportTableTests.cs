using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Reports;
using Xunit;

namespace EdgeRuntime.Tests.Docs;

/// <summary>The table of operators says what the importer does: checked against its lists and, where they are installed, ONNX's own cases.</summary>
public class SupportTableTests
{
    [Fact]
    public void Every_operator_has_one_line()
    {
        string[] listed = [.. OnnxSupport.All.Select(s => s.Name)];
        string[] missing = [.. OnnxOperators.Names.Except(listed)], stale = [.. listed.Except(OnnxOperators.Names)];
        Assert.True(missing.Length + stale.Length == 0, $"OnnxSupport.cs needs a line for each of: {string.Join(", ", missing)}; and none for: {string.Join(", ", stale)}");
        Assert.Equal(listed.Distinct(), listed);
        Assert.All(OnnxSupport.Exceptions, e => Assert.DoesNotContain(e.Name, OnnxOperators.Names));
    }

    [Fact]
    public void Lines_are_well_formed()
    {
        HashSet<string> ours = [.. OperatorCatalog.Names];
        Assert.All(OnnxSupport.All, support =>
        {
            int[] versions = [.. support.Versions.Split(' ').Select(int.Parse)];
            Assert.Equal(versions.Order().Distinct(), versions);
            Assert.InRange(versions[^1], 1, 25);
            Assert.NotEmpty(Types(support));
            Assert.All(support.Operators, name => Assert.Contains(name, ours));
        });
    }

    [Fact]
    public void The_document_is_up_to_date() =>
        Assert.True(File.ReadAllText(Repository.File("docs", "operators.md")).ReplaceLineEndings("\n") == SupportTable.Markdown(), "run `./edgert operators --markdown > docs/operators.md`");

    [Fact]
    public void Types_and_operators_are_those_of_the_cases()
    {
        Assert.SkipUnless(Directory.Exists(OnnxConformanceTests.Root), "ONNX's test cases are not installed: apt-get install libonnx-testdata.");
        var wrong = new List<string>();
        foreach ((string name, OperatorProbe.Findings found) in OperatorProbe.Run(OnnxConformanceTests.Root))
        {
            if (OnnxSupport.All.FirstOrDefault(s => s.Name == name) is not { } support) continue;
            string[] unlisted = [.. found.Becomes.Except(support.Operators).Except(Plumbing)];
            if (unlisted.Length > 0) wrong.Add($"{name} becomes {string.Join(", ", unlisted)}, too");
            // Cases without tensors as inputs say nothing about types; nor does an input that is a shape.
            DataType[] broken = found.Types.Count < 2 || name == "ConstantOfShape" ? [] : [.. Types(support).Where(t => OperatorProbe.Types.Contains(t) && !found.Types.Contains(t))];
            if (broken.Length > 0) wrong.Add($"{name} does not take {string.Join(", ", broken)}");
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    /// <summary>What prepares operands, and widens those of 16 bits; lines name it where it is all there is.</summary>
    private static readonly string[] Plumbing = ["Cast", "Reshape", "Squeeze", "Transpose", "Unsqueeze"];

    /// <summary>The element types that a line means; ranges go over the sizes of a kind.</summary>
    private static DataType[] Types(OnnxSupport support) => [.. support.Types.Split(' ').SelectMany(word => word switch
    {
        "f16-f64" => [DataType.F16, DataType.F32, DataType.F64],
        "i8-i64" => [DataType.I8, DataType.I16, DataType.I32, DataType.I64],
        "u8-u64" => [DataType.U8, DataType.U16, DataType.U32, DataType.U64],
        _ => new[] { Enum.Parse<DataType>(word, ignoreCase: true) },
    })];
}
