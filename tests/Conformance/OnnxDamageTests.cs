using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Verification;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>ONNX's own models with bytes flipped: every operator's import function meets attributes and shapes that make no sense.</summary>
public class OnnxDamageTests(ITestOutputHelper output)
{
    private const string Root = "/usr/share/libonnx-testdata/data";

    [Fact]
    public void Damaged_models_give_errors_and_never_crash()
    {
        Assert.SkipUnless(Directory.Exists(Root), "ONNX's test cases are not installed: apt-get install libonnx-testdata.");
        var random = new Random(7);
        int refused = 0, accepted = 0;
        foreach (string folder in OnnxTestCase.Find(Root))
        {
            byte[] whole = File.ReadAllBytes(Path.Combine(folder, "model.onnx"));
            if (whole.Length > 100_000) continue;
            for (int round = 0; round < 12; round++)
            {
                byte[] damaged = [.. whole];
                for (int flips = random.Next(1, 4); flips > 0; flips--) damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                Exception? error = Record.Exception(() => OnnxImporter.Import(OnnxReader.Read(damaged, "damaged")).Dispose());
                Assert.True(error is null or EdgeException, $"{Path.GetFileName(folder)}, round {round}: {error}");
                if (error is null) accepted++;
                else refused++;
            }
        }
        output.WriteLine($"{refused:N0} damaged models were refused, {accepted:N0} were models still.");
    }
}
