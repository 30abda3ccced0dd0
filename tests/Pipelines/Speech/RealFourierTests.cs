using EdgeRuntime.Pipelines.Speech;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Speech;

public class RealFourierTests
{
    [Theory]
    [InlineData(4), InlineData(8), InlineData(64), InlineData(512), InlineData(2048)]
    public void Gives_the_sums_of_the_definition_and_back(int length)
    {
        var random = new Random(length);
        float[] signal = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() * 2 - 1)], back = new float[length];
        var fourier = new RealFourier(length);
        float[] real = new float[fourier.Frequencies], imaginary = new float[fourier.Frequencies];
        fourier.Forward(signal, real, imaginary);
        for (int k = 0; k < real.Length; k++)
        {
            double re = 0, im = 0;
            for (int n = 0; n < length; n++)
            {
                double angle = 2 * Math.PI * ((long)k * n % length) / length;
                re += signal[n] * Math.Cos(angle);
                im -= signal[n] * Math.Sin(angle);
            }
            Assert.InRange(real[k] - re, -1e-6 * length, 1e-6 * length);
            Assert.InRange(imaginary[k] - im, -1e-6 * length, 1e-6 * length);
        }
        fourier.Inverse(real, imaginary, back);
        for (int n = 0; n < length; n++) Assert.InRange(back[n] - signal[n], -1e-6, 1e-6);
    }

    [Theory]
    [InlineData(0), InlineData(2), InlineData(12)]
    public void Refuses_other_lengths(int length) => Assert.ThrowsAny<ArgumentException>(() => new RealFourier(length));
}
