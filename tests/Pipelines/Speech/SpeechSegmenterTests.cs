using EdgeRuntime.Pipelines.Speech;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Speech;

public class SpeechSegmenterTests
{
    private const int Rate = 1000, Window = 10;

    private static readonly SpeechSegmenterOptions Settings = new()
    {
        MinSpeech = TimeSpan.FromMilliseconds(30), MinSilence = TimeSpan.FromMilliseconds(40), Padding = TimeSpan.FromMilliseconds(5), MaxSpeech = TimeSpan.FromMilliseconds(200),
    };

    [Fact]
    public void Stretches_are_padded_and_short_pauses_do_not_end_them() =>
        Assert.Equal([(25, 115)], Stretches("___#####_-#____________", out _));

    [Fact]
    public void What_lies_between_the_thresholds_changes_nothing()
    {
        Assert.Equal([(25, 135)], Stretches("___#---------_________", out _));
        Assert.Empty(Stretches("----------", out int cancelled));
        Assert.Equal(0, cancelled);
    }

    [Fact]
    public void A_click_is_no_speech()
    {
        Assert.Empty(Stretches("___#________", out int cancelled));
        Assert.Equal(1, cancelled);
    }

    [Fact]
    public void Padding_does_not_reach_into_what_came_before() =>
        Assert.Equal([(5, 75), (75, 135)], Stretches("__####__####______", out _, Settings with { MinSilence = TimeSpan.FromMilliseconds(20), Padding = TimeSpan.FromMilliseconds(15) }));

    [Fact]
    public void The_end_of_a_sound_ends_speech() => Assert.Equal([(25, 80)], Stretches("___#####", out _));

    [Fact]
    public void Endless_speech_is_cut_where_it_is_quietest_and_nothing_is_lost()
    {
        (int From, int To)[] stretches = Stretches(new string('#', 17) + "-" + new string('#', 30), out _);
        Assert.Equal((0, 180), stretches[0]);
        for (int i = 1; i < stretches.Length; i++) Assert.Equal(stretches[i - 1].To, stretches[i].From);
        Assert.Equal(480, stretches[^1].To);
    }

    [Fact]
    public void Random_sound_gives_stretches_in_order_of_at_least_the_least_length()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            string sound = string.Concat(Enumerable.Range(0, 300).Select(_ => "_-##"[random.Next(4)]));
            (int From, int To)[] stretches = Stretches(sound, out _);
            for (int i = 0; i < stretches.Length; i++)
            {
                Assert.True(stretches[i].To - stretches[i].From >= 30, $"seed {seed}");
                Assert.True(stretches[i].To <= 3000 && (i == 0 || stretches[i].From >= stretches[i - 1].To), $"seed {seed}");
            }
        }
    }

    /// <summary>What is found in windows that are speech (#), silence (_) or neither.</summary>
    private static (int From, int To)[] Stretches(string sound, out int cancelled, SpeechSegmenterOptions? settings = null)
    {
        var segmenter = new SpeechSegmenter(Rate, settings ?? Settings);
        var found = new List<(int, int)>();
        cancelled = 0;
        foreach (char window in sound) Note(segmenter.Process(window switch { '#' => 0.9f, '-' => 0.4f, _ => 0.1f }, Window), ref cancelled);
        Note(segmenter.Flush(), ref cancelled);
        return [.. found];

        void Note(SpeechChange change, ref int cancelled)
        {
            if (change == SpeechChange.Ended) found.Add(((int)segmenter.Start, (int)segmenter.End));
            if (change == SpeechChange.Cancelled) cancelled++;
        }
    }
}
