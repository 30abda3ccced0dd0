using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Verification;
using Xunit;

namespace EdgeRuntime.Tests.Format;

/// <summary>Files of all that can be imported: ONNX's own test cases use nearly every operator, attribute and type.</summary>
public class ImportedModelTests(ITestOutputHelper output)
{
    private const string Root = "/usr/share/libonnx-testdata/data";

    private const int DamagesPerModel = 20;

    [Fact]
    public void Each_imported_model_comes_back_as_it_was()
    {
        int count = 0;
        foreach ((string name, EdgeModel model) in Imported())
        {
            byte[] file = EdgeWriter.ToArray(model);
            using EdgeModel read = EdgeReader.Read(file, name);
            Assert.Equal(GraphText.Dump(model.Graph), GraphText.Dump(read.Graph));
            Assert.True(file.AsSpan().SequenceEqual(EdgeWriter.ToArray(read)), $"{name} changes when it is read and written again");
            count++;
        }
        output.WriteLine($"{count} models came back.");
        Assert.True(count >= 600, $"{count} models were imported.");
    }

    [Fact]
    public void Damage_to_imported_models_never_does_more_than_fail()
    {
        var random = new Random(42);
        int tries = 0, read = 0;
        foreach ((string name, EdgeModel model) in Imported())
        {
            byte[] file = EdgeWriter.ToArray(model);
            if (file.Length > 100_000) continue;
            (byte[] section, IReadOnlyList<Tensor> blocks) = GraphEncoder.Encode(model.Graph);
            for (int i = 0; i < DamagesPerModel; i++, tries++)
            {
                // Half of them break the file, half only the graph in a file that is otherwise whole.
                byte[] damaged = i % 2 == 0 ? HostileFileTests.Damage(file, random) : FileSurgery.Assemble("{}"u8, HostileFileTests.Damage(section, random), blocks);
                if (i % 2 == 0) FileSurgery.Mend(damaged);
                try
                {
                    if (HostileFileTests.Read(damaged) is null) read++;
                }
                catch (Exception e) when (e is not EdgeException)
                {
                    throw new InvalidOperationException($"{name}, damage {i}: {e.GetType().Name}: {e.Message}", e);
                }
            }
        }
        output.WriteLine($"{tries} damaged files, {read} of them readable.");
        Assert.True(tries >= 10_000, $"{tries} files were tried.");
    }

    private static IEnumerable<(string Name, EdgeModel Model)> Imported()
    {
        Assert.SkipUnless(Directory.Exists(Root), "ONNX's test cases are not installed: apt-get install libonnx-testdata.");
        foreach (string folder in OnnxTestCase.Find(Root))
        {
            EdgeModel? model = null;
            try
            {
                model = OnnxImporter.Import(OnnxReader.Read(Path.Combine(folder, "model.onnx")));
            }
            catch (EdgeException e) when (e.Code is ErrorCode.UnsupportedOnnx or ErrorCode.MalformedOnnx)
            {
                // What cannot be imported has no file; the conformance tests count these.
                continue;
            }
            using (model) yield return (Path.GetRelativePath(Root, folder), model);
        }
    }
}
