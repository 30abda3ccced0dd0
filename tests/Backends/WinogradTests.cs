using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Winograd's convolution on the CPU: where it is taken, and what precision it costs.</summary>
public class WinogradTests
{
    [Fact]
    public void All_cases_can_be_computed_in_both_ways()
    {
        foreach (OperatorCase @case in DenseCases.Winograd)
        {
            ExecutionPlan plan = Planner.Plan(@case.Graph());
            using var backend = new CpuBackend(1);
            IReadOnlyList<KernelCandidate> candidates = backend.Candidates(plan, plan.Steps[0]);
            foreach (string way in (string[])["winograd4", "winograd2"])
                Assert.Contains(candidates, c => c.Name.Contains(way, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(32, 32, 16, 16, 4)]
    [InlineData(8, 8, 64, 64, 4)]
    [InlineData(160, 160, 96, 24, 4)]
    [InlineData(6, 6, 64, 64, 2)]
    [InlineData(40, 30, 8, 16, 0)]
    [InlineData(1, 1, 512, 512, 0)]
    [InlineData(32, 32, 3, 16, 0)]
    public void Is_taken_where_it_pays(int height, int width, int channels, int outputs, int side)
    {
        Window window = Window.Of(3, 3) with { Pads = [1, 1, 1, 1] };
        Assert.Equal(side, WinogradCost.Best(new ConvGeometry(window, new Shape(1, height, width, channels), new Shape(1, height, width, outputs)), outputs));
    }

    // Errors in units of float's epsilon and of the sum of |x|·|w|: they do not depend on how large the numbers are.
    [Theory]
    [InlineData(2, 8, 3)]
    [InlineData(2, 64, 3)]
    [InlineData(4, 8, 10)]
    [InlineData(4, 64, 8)]
    public unsafe void Errors_are_bounded(int side, int channels, double bound)
    {
        const int Outputs = 8;
        int span = side + 2, places = span * span;
        var random = new Random(side * 1000 + channels);
        double worst = 0;
        using var memory = new AlignedBuffer(sizeof(float) * 4096);
        var x = new float[places * channels];
        double[] window = new double[9], g = new double[36];
        for (int round = 0; round < 40; round++)
        {
            float[] weights = Numbers(random, Outputs * 9 * channels);
            Numbers(random, x.Length).CopyTo(x, 0);
            for (int o = 0; o < Outputs; o++)
            {
                float[] products = new float[places], y = new float[side * side];
                float* temporary = (float*)memory.Data, transformed = temporary + 64;
                for (int c = 0; c < channels; c++)
                {
                    for (int tap = 0; tap < 9; tap++) window[tap] = weights[(o * 9 + tap) * channels + c];
                    WinogradTransform.Weights(window, g, side);
                    fixed (float* patch = x)
                    {
                        if (side == 4) WinogradTransform.Input4<Lanes1, float>(patch + c, span * channels, channels, transformed, 1, temporary);
                        else WinogradTransform.Input2<Lanes1, float>(patch + c, span * channels, channels, transformed, 1, temporary);
                    }
                    for (int place = 0; place < places; place++) products[place] += transformed[place] * (float)g[place];
                }
                fixed (float* m = products, to = y)
                {
                    GemmTile tile = default;
                    tile.Y = to;
                    tile.YStep = 1;
                    if (side == 4) WinogradTransform.Output4<Lanes1, float>(m, 1, ref tile, side, side, side, 0, temporary);
                    else WinogradTransform.Output2<Lanes1, float>(m, 1, ref tile, side, side, side, 0, temporary);
                }
                for (int i = 0; i < y.Length; i++)
                {
                    double exact = 0, size = 0;
                    for (int tap = 0; tap < 9; tap++)
                        for (int c = 0; c < channels; c++)
                        {
                            double product = (double)x[((i / side + tap / 3) * span + i % side + tap % 3) * channels + c] * weights[(o * 9 + tap) * channels + c];
                            exact += product;
                            size += Math.Abs(product);
                        }
                    worst = Math.Max(worst, Math.Abs(y[i] - exact) / size * (1 << 24));
                }
            }
        }
        Assert.True(worst <= bound, $"The largest error is {worst:F2} units.");
        Assert.True(worst > 0.1, "Exact results mean that nothing was computed.");
    }

    private static float[] Numbers(Random random, int count)
    {
        var numbers = new float[count];
        foreach (ref float number in numbers.AsSpan()) number = random.NextSingle() * 2 - 1;
        return numbers;
    }
}
