using System.Diagnostics;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Backends;
using EdgeRuntime.Tests.Realtime;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Sessions that begin on the CPU while a driver compiles, measures and tests kernels for the first time.</summary>
[Collection(nameof(Alone))]
public class StartDeviceTests(ITestOutputHelper output)
{
    private const string Lavapipe = VulkanDrivers.Lavapipe, Pocl = OpenClDrivers.Pocl;

    [Theory]
    [InlineData(Lavapipe), InlineData(Pocl)]
    public void A_stream_of_bytes_is_the_same_before_and_after(string driver)
    {
        using var folder = new TemporaryFolder();
        Graph graph = Networks.Integers();
        using (IBackend device = Open(driver, folder.Path, out Func<int> live))
        {
            int before = live();
            using (var session = new InferenceSession(graph, AtOnce(device)))
            using (var cpu = new InferenceSession(graph, new SessionOptions { Threads = 1, Accelerators = [] }))
            {
                var random = new Random(3);
                using var x = new Tensor(session.Input(0).Type);
                long start = Stopwatch.GetTimestamp();
                int onDevice = 0, frame = 0;
                for (; onDevice < 50; frame++)
                {
                    Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(2), "The device does not come.");
                    random.NextBytes(x.View.Bytes);
                    session.Run([x.View, session.Output(1)]);
                    cpu.Run([x.View, cpu.Output(1)]);
                    for (int i = 0; i < graph.Outputs.Count; i++) Assert.True(session.Output(i).Bytes.SequenceEqual(cpu.Output(i).Bytes), $"output {i} of frame {frame}");
                    if (session.StepBackends!.Contains(device.Traits.Name)) onDevice++;
                    else Thread.Sleep(1);
                }
                output.WriteLine(string.Join('\n', session.Events));
                Assert.Equal(BackendEventKind.Joined, Assert.Single(session.Events).Kind);
                Assert.True(frame > 51, "No frame came before the device was ready.");
                // A process that is ended now has compiled nothing in vain.
                Assert.NotEmpty(Directory.GetFiles(folder.Path));
                if (driver == Pocl) Assert.Single(Directory.GetFiles(folder.Path, "*.programs"));
            }
            Assert.True(live() - before is >= 0 and < 40, $"{live() - before} handles more");
        }
    }

    [Theory]
    [InlineData(Lavapipe), InlineData(Pocl)]
    public void Sessions_may_end_at_any_time(string driver)
    {
        Func<int> live;
        using (IBackend device = Open(driver, null, out live))
        {
            int before = live();
            for (int i = 0; i < 20; i++)
            {
                using (var session = new InferenceSession(Networks.Integers(), AtOnce(device)))
                {
                    long start = Stopwatch.GetTimestamp();
                    do session.Run();
                    while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(5 * i));
                    Assert.Equal(0, session.Faults);
                }
                Assert.True(live() - before is >= 0 and < 40, $"{live() - before} handles more");
            }
        }
        Assert.Equal(0, live());
    }

    [Theory]
    [InlineData(Lavapipe), InlineData(Pocl)]
    public void A_voice_detector_keeps_its_state(string driver)
    {
        const string model = "silero-vad-v6-16k";
        const int window = 512, context = 64, rate = 16000;
        Assert.SkipUnless(ModelCache.Default.Find(ModelZoo.Default.Get(model)) is not null, $"{model} is not on this machine: edgert models pull {model}");
        using LoadedModel loaded = ModelLoader.Load(model, stop: TestContext.Current.CancellationToken);
        float[] samples = SoundFile.Read(Repository.Data("speech", "jfk.wav"), rate);
        using IBackend device = Open(driver, null, out _);
        using var session = new InferenceSession(loaded.Model.Graph, AtOnce(device));
        using var alone = new InferenceSession(loaded.Model.Graph, new SessionOptions { Threads = 1, Accelerators = [] });
        using Tensor x = new(new TensorType(DataType.F32, 1, window + context)), begin = new(new TensorType(DataType.F32, 2, 1, 128)), sampleRate = new(new TensorType(DataType.I64));
        sampleRate.Span<long>()[0] = rate;
        float most = 0, heard = 0;
        int windows = samples.Length / window - 1, onDevice = 0;
        for (int w = 0; w < windows; w++)
        {
            samples.AsSpan(w * window, window + context).CopyTo(x.Span<float>());
            float expected = Step(alone, w), actual = Step(session, w);
            most = Math.Max(most, Math.Abs(expected - actual));
            heard = Math.Max(heard, expected);
            if (session.StepBackends!.Any(b => b != "cpu")) onDevice++;
            // In the middle of speech it goes over.
            else if (w == windows / 2) Assert.True(SpinWait.SpinUntil(() => session.Compiled is SectionedPlan { IsPrepared: true }, TimeSpan.FromMinutes(2)));
        }
        output.WriteLine($"{windows} windows, {onDevice} of them with a device, largest difference {most}; {string.Join('\n', session.Events)}");
        Assert.True(heard > 0.9);
        Assert.InRange(most, 0, 0.002f);
        Assert.True(onDevice > windows / 4, $"{onDevice} windows on a device");

        float Step(InferenceSession on, int w)
        {
            on.Run([x.View, w == 0 ? begin.View : on.Output(1), sampleRate.View]);
            return on.Output(0).Span<float>()[0];
        }
    }

    private static SessionOptions AtOnce(IBackend device) => new() { Threads = 1, Accelerator = device, Start = StartPolicy.AtOnce };

    private static IBackend Open(string driver, string? folder, out Func<int> live)
    {
        if (driver == Pocl)
        {
            var objects = new OpenClLedger();
            live = () => objects.Live;
            return OpenClBackend.Open(OpenClDrivers.Options(driver) with { SelfTest = true, CacheFolder = folder, KeepsAll = true, Ledger = objects });
        }
        var handles = new VulkanLedger();
        live = () => handles.Live;
        return VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(driver), Tuning = GpuTuning.First, CacheFolder = folder, Ledger = handles });
    }
}
